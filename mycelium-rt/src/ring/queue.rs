//! The ring inside one process: what `queue(N)` and `task(N)` are made of.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use super::PushError;
use super::barrier::Barrier;
use super::geometry::{Geometry, GeometryError};
use super::memory::Memory;
use super::reader::Reader;
use super::shared::Shared;
use super::slot::Frame;
use super::spin::{Deadline, spin_until};
use super::writer::Writer;
use crate::Message;
use crate::sync::Arc;

/// A ring for two threads of this process that holds `capacity` messages of at most `max_body` bytes.
///
/// A flush costs one load as long as the consumer is awake, since the side that goes to sleep pays for the fence of both
/// (`membarrier`, where the kernel has it).
///
/// # Errors
/// When a limit of [`Geometry`] is passed.
pub fn queue(capacity: usize, max_body: usize) -> Result<(Producer, Consumer), GeometryError> {
    build(capacity, max_body, Barrier::in_process())
}

/// A ring between tasks, which wait often and briefly: each flush pays for a fence, and waiting makes no system call.
///
/// # Errors
/// When a limit of [`Geometry`] is passed.
pub fn task_queue(capacity: usize, max_body: usize) -> Result<(Producer, Consumer), GeometryError> {
    build(capacity, max_body, Barrier::Fence)
}

fn build(capacity: usize, max_body: usize, barrier: Barrier) -> Result<(Producer, Consumer), GeometryError> {
    let geometry = Geometry::new(capacity, max_body)?;
    let memory = Memory::heap(geometry);
    let shared = Shared::new();
    Ok((
        Producer { writer: Writer::new(memory.clone(), geometry, barrier), shared: shared.clone() },
        Consumer { reader: Reader::in_place(memory, geometry, barrier), shared },
    ))
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ready {
    /// There is what was waited for.
    Yes,
    /// The time is over.
    TimedOut,
    /// The other end is gone, and nothing is left of what it sent.
    Closed,
}

/// The sending end of a ring.
#[repr(align(128))]
pub struct Producer {
    writer: Writer,
    shared: Arc<Shared>,
}

impl Producer {
    /// Pushes a message. It is visible at once to a consumer that polls, and after [`flush`](Self::flush) to one that sleeps.
    ///
    /// # Errors
    /// [`PushError::Full`] when no slot is free, [`PushError::TooLong`] when the ring was made for smaller messages,
    /// [`PushError::Closed`] when the ring is full and the consumer gone.
    #[inline(always)]
    pub fn try_push<M: Message>(&mut self, message: &M) -> Result<(), PushError> {
        self.push_bytes(M::ID, message.as_bytes())
    }

    /// As [`try_push`](Self::try_push), for a body that is known by its id and its bytes.
    ///
    /// # Errors
    /// As there.
    #[inline(always)]
    pub fn push_bytes(&mut self, type_id: u16, body: &[u8]) -> Result<(), PushError> {
        match self.writer.try_push(type_id, body) {
            Err(PushError::Full) => Err(self.why_full()),
            result => result,
        }
    }

    #[cold]
    fn why_full(&self) -> PushError {
        if self.is_closed() { PushError::Closed } else { PushError::Full }
    }

    /// Makes sure that a sleeping consumer learns of what was pushed. To be called at the end of each batch, and when idle.
    #[inline]
    pub fn flush(&mut self) {
        if self.writer.flush() {
            self.wake_consumer();
        }
    }

    #[cold]
    fn wake_consumer(&self) {
        if !self.shared.consumer.wake_task() {
            self.writer.wake_thread();
        }
    }

    /// Counts messages that the caller dropped because the ring was full: the next one that is pushed carries their number.
    pub fn note_lost(&mut self, messages: u64) {
        self.writer.note_lost(messages);
    }

    /// Flushes, then waits until a message fits in: for a moment awake, then asleep.
    pub fn wait_space(&mut self, timeout: Option<Duration>) -> Ready {
        self.flush();
        let deadline = Deadline::after(timeout);
        spin_until(&deadline, || self.space_or_closed().is_some());
        loop {
            if let Some(ready) = self.space_or_closed() {
                return ready;
            }
            let parked = self.writer.begin_park();
            if super::rules::last_look() && self.space_or_closed().is_some() {
                self.writer.end_park();
                continue;
            }
            self.writer.sleep(parked, deadline.left());
            self.writer.end_park();
            if deadline.is_over() {
                return self.space_or_closed().unwrap_or(Ready::TimedOut);
            }
        }
    }

    /// As [`wait_space`](Self::wait_space), for a task: the waker is called when a message fits in or the consumer is gone.
    pub fn poll_space(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        self.flush();
        if let Some(ready) = self.space_or_closed() {
            return Poll::Ready(ready);
        }
        self.shared.producer.register(cx.waker());
        let parked = self.writer.begin_park();
        if let Some(ready) = self.space_or_closed() {
            self.writer.end_park();
            return Poll::Ready(ready);
        }
        if !parked.ordered {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn space_or_closed(&mut self) -> Option<Ready> {
        // The memory is this process's own, so the cursor is never corrupt; were it, there would be no space.
        if self.writer.has_space().unwrap_or(false) {
            return Some(Ready::Yes);
        }
        self.is_closed().then_some(Ready::Closed)
    }

    /// Whether the consumer is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.consumer.is_gone()
    }

    /// Messages pushed so far.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.writer.committed()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.writer.flush();
        self.shared.producer.leave();
        // Whether it sleeps or not: a consumer that is about to must see the word change.
        self.writer.change_wake_word();
        self.wake_consumer();
    }
}

/// The receiving end of a ring.
#[repr(align(128))]
pub struct Consumer {
    reader: Reader,
    shared: Arc<Shared>,
}

impl Consumer {
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
            Err(super::reader::PollError::Refused(error)) => Err(error),
            // Never: the memory is this process's own.
            Err(super::reader::PollError::Corrupt(_)) => Ok(0),
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
            let parked = self.reader.begin_park();
            self.wake_producer_if_due();
            if super::rules::last_look() && self.message_or_closed().is_some() {
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

    /// As [`wait`](Self::wait), for a task, or for a lane that waits for several rings with one waker: the waker is called when there
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

    /// Messages that the producer has dropped so far, as of its last flush: exact, where the count in a message saturates.
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

impl std::fmt::Debug for Producer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producer")
            .field("pushed", &self.pushed())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}
