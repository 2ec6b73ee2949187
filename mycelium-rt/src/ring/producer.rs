//! The sending end of a ring inside one process.

use std::task::{Context, Poll};
use std::time::Duration;

use super::queue::Ready;
use super::shared::Shared;
use super::spin::{Deadline, spin_until};
use super::writer::Writer;
use super::{PushError, rules};
use crate::Message;
use crate::sync::Arc;

/// The sending end of a ring.
#[repr(align(128))]
pub struct Producer {
    writer: Writer,
    shared: Arc<Shared>,
}

impl Producer {
    pub(super) fn new(writer: Writer, shared: Arc<Shared>) -> Self {
        Self { writer, shared }
    }

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

    /// As [`flush`](Self::flush), for a consumer that is a task: it is woken by the caller, who may hold a lock now. A waker may do
    /// anything, also come back here.
    #[cfg(feature = "tokio")]
    #[inline]
    #[must_use]
    pub(crate) fn flush_quietly(&mut self) -> Option<std::task::Waker> {
        if self.writer.flush() { self.shared.consumer.take_task() } else { None }
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
            self.shared.producer.forget_task();
            let parked = self.writer.begin_park();
            if rules::last_look() && self.space_or_closed().is_some() {
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

impl std::fmt::Debug for Producer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producer")
            .field("pushed", &self.pushed())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
