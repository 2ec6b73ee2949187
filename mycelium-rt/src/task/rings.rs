//! The two rings of a task: the queue that leads to it, and the outbox that its router empties.

use std::sync::Arc;
use std::task::{self, Poll, Waker};

use super::Context;
use super::progress::Progress;
use crate::lane::{Parking, Waits};
use crate::link::{Counters, Unchecked};
use crate::notice::{self, Notices};
use crate::ring::{Consumer, Ready};
use crate::routing::Handed;
use crate::service::{BatchBuffer, Inbox, Next};

/// The receiving end of the ring that leads to a task.
pub(super) struct TaskInbox {
    consumer: Consumer,
    unchecked: Unchecked,
    counters: Counters,
    progress: Arc<Progress>,
    /// The number of messages that were handled, or lost in a panic.
    settled: u64,
}

impl TaskInbox {
    pub(super) fn new(consumer: Consumer, unchecked: Unchecked, counters: Counters, progress: Arc<Progress>) -> Self {
        Self { consumer, unchecked, counters, progress, settled: 0 }
    }

    /// Counts what was dropped after the last message, which no message could report.
    pub(super) fn count_last_gap(&self) {
        let gaps = &self.counters.gaps;
        gaps.add(self.consumer.lost_total().saturating_sub(gaps.get()));
    }
}

impl<R> Inbox<Context<R>> for TaskInbox {
    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> task::Poll<Ready> {
        self.consumer.poll_ready(cx)
    }

    fn poll_closed(&mut self, cx: &mut task::Context<'_>) -> task::Poll<()> {
        self.consumer.poll_closed(cx)
    }

    fn is_closed(&self) -> bool {
        self.consumer.is_closed()
    }

    /// Only its sender closes it.
    fn close(&self) {}

    fn take(&mut self, batch: &mut BatchBuffer) {
        let counters = &self.counters;
        self.consumer.poll(batch.room(), |frame| {
            batch.copy(&frame);
            counters.received.add(1);
            counters.gaps.add(u64::from(frame.lost));
        });
    }

    fn begin(&mut self, _messages: usize, _is_request: bool, _cx: &mut Context<R>) {}

    fn handed<'a>(&self, body: &'a [u8]) -> Handed<'a> {
        if self.unchecked.is_noted() { Handed::unchecked(body) } else { Handed::new(body) }
    }

    fn settle(&mut self, messages: usize, _cx: &mut Context<R>) {
        self.settled += messages as u64;
        self.progress.settle(self.settled);
    }

    fn pace(&self) -> Next {
        if self.progress.cutoff.is_set() { Next::Stop } else { Next::GoOn }
    }
}

/// The ring with what a task has emitted, for its router to take.
#[derive(Debug)]
pub struct Outbox {
    consumer: Option<Consumer>,
    /// The most messages that it holds.
    room: usize,
    service: &'static str,
    notices: Notices,
    counters: Counters,
}

impl Outbox {
    pub(super) fn new(
        consumer: Option<Consumer>,
        room: usize,
        service: &'static str,
        notices: Notices,
        counters: Counters,
    ) -> Self {
        Self { consumer, room, service, notices, counters }
    }

    /// The live counters of what is taken out, for other threads to read. The task counts what it emits.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Hands at most `max` messages to `take`, in order, each as its id and its body, which begins on an 8-byte boundary.
    /// Returns their number.
    #[inline]
    pub fn poll(&mut self, max: usize, take: impl FnMut(u16, Handed<'_>)) -> usize {
        self.poll_while(|| true, max, take)
    }

    /// The same, as long as `goes_on` is true, which is called before each message.
    #[doc(hidden)]
    #[inline]
    pub fn poll_while(
        &mut self,
        goes_on: impl Fn() -> bool,
        max: usize,
        mut take: impl FnMut(u16, Handed<'_>),
    ) -> usize {
        let Self { consumer, counters, .. } = self;
        let Some(consumer) = consumer.as_mut().filter(|_| goes_on()) else { return 0 };
        let mut taken = 0;
        let _ = consumer.try_poll(max, |frame| {
            // Before the call: a message whose handler panics was taken.
            taken += 1;
            counters.received.add(1);
            take(frame.type_id, Handed::new(frame.body));
            if goes_on() { Ok(()) } else { Err(()) }
        });
        taken
    }

    /// Has `waker` called when there is a message, or the task is gone; false if there is a message already. To be followed by
    /// [`unpark`](Self::unpark).
    pub fn park(&mut self, waker: &Waker) -> bool {
        let ready = |consumer: &mut Consumer| consumer.poll_ready(&mut task::Context::from_waker(waker));
        !matches!(self.consumer.as_mut().map(ready), Some(Poll::Ready(Ready::Yes)))
    }

    /// The owner is awake and need not be woken.
    pub fn unpark(&mut self) {
        if let Some(consumer) = &mut self.consumer {
            consumer.awake();
        }
    }

    /// Whether a message is there.
    #[must_use]
    pub fn has_message(&self) -> bool {
        self.consumer.as_ref().is_some_and(Consumer::has_message)
    }
}

impl Drop for Outbox {
    /// What was not taken is lost with the router, and warned of.
    fn drop(&mut self) {
        // Bounded, since its task may go on.
        let left = self.consumer.as_mut().map_or(0, |consumer| consumer.poll(self.room, |_| ()));
        if left > 0 {
            let service = self.service;
            notice::warning!(self.notices, service, left, "a router ended before it had taken what a task had emitted");
        }
    }
}

impl Waits for Outbox {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        Outbox::park(self, parking.waker())
    }

    fn unpark(&mut self) {
        Outbox::unpark(self);
    }
}
