//! The receiving end of a ring inside one process.

use std::convert::Infallible;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::bodies::InPlace;
use super::queue::Ready;
use super::reader::{PollError, Reader};
use super::rules;
use super::shared::Shared;
use super::slot::Frame;
use super::spin::{Deadline, spin_until};
use crate::sync::Arc;

/// The receiving end of a ring.
#[repr(align(128))]
pub struct Consumer {
    reader: Reader<InPlace>,
    shared: Arc<Shared>,
}

impl Consumer {
    pub(super) fn new(reader: Reader<InPlace>, shared: Arc<Shared>) -> Self {
        Self { reader, shared }
    }

    /// Hands at most `max` messages to `take`, in order, each in place, without waiting. Returns how many there were.
    ///
    /// A message counts as taken when `take` is called, even if it panics. Slots are given back when `take` has returned: in groups
    /// of an eighth of the ring, and at the end.
    #[inline]
    pub fn poll(&mut self, max: usize, mut take: impl FnMut(Frame<'_>)) -> usize {
        let taken = self.reader.poll(max, |frame| {
            take(frame);
            Ok::<(), Infallible>(())
        });
        self.wake_producer_if_due();
        // A ring in this process's own memory cannot be corrupt, and `take` cannot fail.
        taken.unwrap_or(0)
    }

    /// As [`poll`](Self::poll), until `take` fails. The message it failed on counts as taken.
    ///
    /// # Errors
    /// What `take` returned.
    #[inline]
    pub fn try_poll<E>(&mut self, max: usize, take: impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<usize, E> {
        let taken = self.reader.poll(max, take);
        self.wake_producer_if_due();
        match taken {
            Ok(taken) => Ok(taken),
            Err(PollError::Refused(error)) => Err(error),
            // Never: the memory is this process's own.
            Err(PollError::Corrupt(_)) => Ok(0),
        }
    }

    #[inline(always)]
    fn wake_producer_if_due(&mut self) {
        if self.reader.take_wake_due() {
            self.wake_producer();
        }
    }

    #[cold]
    fn wake_producer(&self) {
        if !self.shared.producer.wake_task() {
            self.reader.wake_thread();
        }
    }

    /// Waits until there is a message: for 20 µs awake, then asleep.
    pub fn wait(&mut self, timeout: Option<Duration>) -> Ready {
        let deadline = Deadline::after(timeout);
        spin_until(&deadline, || self.message_or_closed().is_some());
        loop {
            if let Some(ready) = self.message_or_closed() {
                return ready;
            }
            self.shared.consumer.forget_task();
            let parked = self.reader.begin_park();
            self.wake_producer_if_due();
            if rules::last_look() && self.message_or_closed().is_some() {
                self.reader.end_park();
                continue;
            }
            self.reader.sleep(parked, deadline.left());
            self.reader.end_park();
            if deadline.is_over() {
                return self.message_or_closed().unwrap_or(Ready::TimedOut);
            }
        }
    }

    /// As [`wait`](Self::wait), for a task: the waker is called when there
    /// is a message or the producer is gone.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        if let Some(ready) = self.message_or_closed() {
            return Poll::Ready(ready);
        }
        self.shared.consumer.register(cx.waker());
        let parked = self.reader.begin_park();
        self.wake_producer_if_due();
        if let Some(ready) = self.message_or_closed() {
            self.reader.end_park();
            return Poll::Ready(ready);
        }
        if !parked.ordered {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// The first half of [`poll_ready`](Self::poll_ready), for an owner that waits for several rings: leaves word that `waker` is to be
    /// called. [`before_sleep`](super::before_sleep) follows, once for all rings, and then [`recheck`](Self::recheck) for each.
    /// What there is already, if there is something.
    pub(crate) fn announce_sleep(&mut self, waker: &Waker) -> Option<Ready> {
        let ready = self.message_or_closed();
        if ready.is_none() {
            self.shared.consumer.register(waker);
            self.reader.store_park_word();
        }
        ready
    }

    /// The second half of [`poll_ready`](Self::poll_ready): what has come meanwhile, if something has.
    pub(crate) fn recheck(&mut self) -> Option<Ready> {
        self.reader.notify_before_sleep();
        self.wake_producer_if_due();
        self.message_or_closed()
    }

    /// Waits until the producer is gone, whatever messages of it are left; the waker is called when it goes.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_closed() {
            self.shared.consumer.register(cx.waker());
        }
        // Looked at after registering: a producer that went before has not seen the waker, but is seen here.
        if self.is_closed() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Says that the owner, which [`poll_ready`](Self::poll_ready) has left waiting, looks by itself again, so that the producer need
    /// not wake it. Not needed, but it spares the producer a call into the kernel.
    pub fn awake(&mut self) {
        self.reader.end_park();
    }

    fn message_or_closed(&self) -> Option<Ready> {
        if self.has_message() {
            return Some(Ready::Yes);
        }
        // Looked at again: it may have pushed before it left.
        self.is_closed().then(|| if self.has_message() { Ready::Yes } else { Ready::Closed })
    }

    /// Whether a message is there.
    #[must_use]
    #[inline]
    pub fn has_message(&self) -> bool {
        // Never corrupt: the memory is this process's own.
        self.reader.has_message().unwrap_or(false)
    }

    /// Whether the producer is gone; there may be messages of it left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.producer.is_gone()
    }

    /// Messages that the producer has dropped so far, as of its last flush; some may not have been told by a message yet.
    #[must_use]
    pub fn lost_total(&self) -> u64 {
        self.reader.lost_total()
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.shared.consumer.leave();
        // Whether it sleeps or not: a producer that is about to must see the word change.
        self.reader.change_wake_word();
        self.wake_producer();
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}
