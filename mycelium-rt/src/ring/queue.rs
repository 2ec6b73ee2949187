//! The ring within one process: what `queue(N)` and `task(N)` are made of.
//!
//! Besides the ring the ends share whether each is closed, and the waker of a task that waits there. They wait by the [`park`] protocol.

use std::convert::Infallible;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::frame::{Frame, InPlace};
use super::layout::{Geometry, GeometryError};
use super::memory::Memory;
use super::park::Barrier;
use super::reader::{PollError, Reader};
use super::wait::{Deadline, WakerSlot, spin_until};
use super::writer::Writer;
use super::{PushError, park};
use crate::Message;
use crate::sync::{Arc, AtomicU32, Ordering};

/// Makes a ring for two threads of this process that holds `capacity` messages of at most `max_body` bytes.
///
/// A flush costs one load as long as the consumer is awake, since the end that goes to sleep pays for the barriers of both
/// (`membarrier`, where the kernel has it).
///
/// # Errors
/// If a limit of [`Geometry`] is exceeded.
pub fn queue(capacity: usize, max_body: usize) -> Result<(Producer, Consumer), GeometryError> {
    build(capacity, max_body, Barrier::in_process())
}

/// Makes a ring between tasks, which wait often and briefly: each flush pays for a fence, and waiting makes no system call.
///
/// # Errors
/// If a limit of [`Geometry`] is exceeded.
pub fn task_queue(capacity: usize, max_body: usize) -> Result<(Producer, Consumer), GeometryError> {
    build(capacity, max_body, Barrier::Fence)
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ready {
    /// There is a message, or space.
    Yes,
    /// The timeout has passed.
    TimedOut,
    /// The other end is closed, and nothing that it sent is left.
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
    /// [`PushError::Full`] if no slot is free, [`PushError::TooLong`] if the ring was made for smaller messages,
    /// [`PushError::Closed`] if the ring is full and the consumer is closed.
    #[inline(always)]
    pub fn try_push<M: Message>(&mut self, message: &M) -> Result<(), PushError> {
        self.push_bytes(M::ID, message.as_bytes())
    }

    /// As [`try_push`](Self::try_push), for a body that is given by its id and its bytes.
    ///
    /// # Errors
    /// As [`try_push`](Self::try_push).
    #[inline(always)]
    pub fn push_bytes(&mut self, type_id: u16, body: &[u8]) -> Result<(), PushError> {
        match self.writer.try_push(type_id, body) {
            Err(PushError::Full) => Err(self.full_or_closed()),
            result => result,
        }
    }

    /// Pushes as many of these messages as there is room for, in order, and returns their number: the first of them at least, and at most 64,
    /// so call it again with the rest. The consumer sees none of them, or all; it is woken by [`flush`](Self::flush).
    ///
    /// ```
    /// # use contracts::Signal;
    /// let (mut producer, mut consumer) = mycelium_rt::ring::queue(1024, size_of::<Signal>())?;
    /// let signals = [Signal::default(); 10];
    /// assert_eq!(producer.try_push_all(&signals), Ok(10));
    /// producer.flush();
    /// assert_eq!(consumer.poll(64, |_| ()), 10);
    /// # Ok::<(), mycelium_rt::ring::GeometryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`try_push`](Self::try_push), if not even the first one was pushed.
    #[inline]
    pub fn try_push_all<M: Message>(&mut self, messages: &[M]) -> Result<usize, PushError> {
        self.push_all_bytes(M::ID, messages.iter().map(M::as_bytes))
    }

    #[inline(always)]
    pub(super) fn push_all_bytes<'a>(
        &mut self,
        type_id: u16,
        bodies: impl ExactSizeIterator<Item = &'a [u8]>,
    ) -> Result<usize, PushError> {
        match self.writer.try_push_all(type_id, bodies) {
            Err(PushError::Full) => Err(self.full_or_closed()),
            result => result,
        }
    }

    #[cold]
    fn full_or_closed(&self) -> PushError {
        if self.is_closed() { PushError::Closed } else { PushError::Full }
    }

    /// Makes sure that a sleeping consumer learns of what was pushed. Call it at the end of each batch, and when idle.
    #[inline]
    pub fn flush(&mut self) {
        if self.writer.flush() {
            self.wake_consumer();
        }
    }

    /// As [`flush`](Self::flush), for a consumer that is a task: the caller wakes it, after releasing its locks, since a waker may call back.
    #[cfg(feature = "bus")]
    #[inline]
    #[must_use]
    pub(crate) fn flush_quietly(&mut self) -> Option<Waker> {
        if self.writer.flush() { self.shared.consumer.waker.take() } else { None }
    }

    #[cold]
    fn wake_consumer(&self) {
        if !self.shared.consumer.waker.wake() {
            self.writer.wake_thread();
        }
    }

    /// Counts messages that the caller dropped because the ring was full. The next pushed message carries their number.
    pub fn note_lost(&mut self, messages: u64) {
        self.writer.note_lost(messages);
    }

    /// Flushes, then waits until a message fits in: for 20 µs awake, then asleep.
    pub fn wait_space(&mut self, timeout: Option<Duration>) -> Ready {
        self.flush();
        let deadline = Deadline::after(timeout);
        spin_until(&deadline, || self.space_or_closed().is_some());
        loop {
            if let Some(ready) = self.space_or_closed() {
                return ready;
            }
            self.shared.producer.waker.clear();
            let parked = self.writer.begin_park();
            if park::makes_final_check() && self.space_or_closed().is_some() {
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

    /// As [`wait_space`](Self::wait_space), for a task: the waker is called when a message fits in or the consumer closes.
    pub fn poll_space(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        self.flush();
        if let Some(ready) = self.space_or_closed() {
            return Poll::Ready(ready);
        }
        self.shared.producer.waker.register(cx.waker());
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
        // This process's own memory is never corrupt. If it were, there would be no space.
        if self.writer.has_space().unwrap_or(false) {
            return Some(Ready::Yes);
        }
        self.is_closed().then_some(Ready::Closed)
    }

    /// Whether the consumer is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.consumer.is_closed()
    }

    /// The number of messages pushed so far.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.writer.committed()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.writer.flush();
        self.shared.producer.close();
        // Whether it sleeps or not: a consumer that is about to sleep must see the word change.
        self.writer.change_wake_word();
        self.wake_consumer();
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

/// The receiving end of a ring.
#[repr(align(128))]
pub struct Consumer {
    reader: Reader<InPlace>,
    shared: Arc<Shared>,
}

impl Consumer {
    /// Hands at most `max` messages to `take`, in order, each in place, without waiting. Returns the number of messages.
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
        // Never an error: the memory is this process's own, and `take` cannot fail.
        taken.unwrap_or(0)
    }

    /// As [`poll`](Self::poll), until `take` fails. The message that it failed on counts as taken.
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
        if !self.shared.producer.waker.wake() {
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
            self.shared.consumer.waker.clear();
            let parked = self.reader.begin_park();
            self.wake_producer_if_due();
            if park::makes_final_check() && self.message_or_closed().is_some() {
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

    /// As [`wait`](Self::wait), for a task: the waker is called when there is a message or the producer closes.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        if let Some(ready) = self.message_or_closed() {
            return Poll::Ready(ready);
        }
        self.shared.consumer.waker.register(cx.waker());
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

    /// The first half of [`poll_ready`](Self::poll_ready), for an owner that waits for several rings. If nothing is there yet, call
    /// [`before_sleep`](super::before_sleep) next, once for all rings, and then [`recheck`](Self::recheck) for each.
    pub(crate) fn announce_sleep(&mut self, waker: &Waker) -> Option<Ready> {
        let ready = self.message_or_closed();
        if ready.is_none() {
            self.shared.consumer.waker.register(waker);
            self.reader.store_park_word();
        }
        ready
    }

    /// The second half of [`poll_ready`](Self::poll_ready): what has come meanwhile.
    pub(crate) fn recheck(&mut self) -> Option<Ready> {
        self.reader.notify_before_sleep();
        self.wake_producer_if_due();
        self.message_or_closed()
    }

    /// Waits until the producer closes, whatever messages of it are left; the waker is called when it does.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_closed() {
            self.shared.consumer.waker.register(cx.waker());
        }
        // Checked after registering: a producer that closed before has not seen the waker, but is seen here.
        if self.is_closed() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Announces that the owner polls by itself again after a pending [`poll_ready`](Self::poll_ready). Optional: it saves a wake-up.
    pub fn awake(&mut self) {
        self.reader.end_park();
    }

    fn message_or_closed(&self) -> Option<Ready> {
        if self.has_message() {
            return Some(Ready::Yes);
        }
        // Checked again: it may have pushed before it closed.
        self.is_closed().then(|| if self.has_message() { Ready::Yes } else { Ready::Closed })
    }

    /// Whether there is a message.
    #[must_use]
    #[inline]
    pub fn has_message(&self) -> bool {
        // Never corrupt: the memory is this process's own.
        self.reader.has_message().unwrap_or(false)
    }

    /// Whether the producer is closed. Messages of it may be left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.producer.is_closed()
    }

    /// The number of messages that the producer has dropped so far, as of its last flush. A message may not have reported some of them yet.
    #[must_use]
    pub fn lost_total(&self) -> u64 {
        self.reader.lost_total()
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.shared.consumer.close();
        // Whether it sleeps or not: a producer that is about to sleep must see the word change.
        self.reader.change_wake_word();
        self.wake_producer();
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

/// What the two ends share besides the ring.
#[derive(Default)]
struct Shared {
    producer: End,
    consumer: End,
}

/// One end, as the other sees it.
#[derive(Default)]
struct End {
    closed: AtomicU32,
    waker: WakerSlot,
}

impl End {
    /// Everything that this end did before is visible to the end that sees it closed.
    fn close(&self) {
        // Partner: `is_closed`.
        self.closed.store(1, Ordering::Release);
    }

    fn is_closed(&self) -> bool {
        // Partner: `close`.
        self.closed.load(Ordering::Acquire) != 0
    }
}

fn build(capacity: usize, max_body: usize, barrier: Barrier) -> Result<(Producer, Consumer), GeometryError> {
    let geometry = Geometry::new(capacity, max_body)?;
    let memory = Memory::heap(geometry);
    let shared = Arc::new(Shared::default());
    Ok((
        Producer { writer: Writer::new(memory.clone(), geometry, barrier), shared: shared.clone() },
        Consumer { reader: Reader::in_place(memory, geometry, barrier), shared },
    ))
}
