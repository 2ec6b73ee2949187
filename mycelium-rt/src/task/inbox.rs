use std::sync::Arc;
use std::task;

use super::Context;
use super::progress::Progress;
use crate::link::{Counters, Unchecked};
use crate::ring::{Consumer, Ready};
use crate::routing::Handed;
use crate::service::{BatchBuffer, Inbox, Next};

/// The receiving end of the ring that leads to a task.
pub(super) struct TaskInbox {
    consumer: Consumer,
    unchecked: Unchecked,
    counters: Counters,
    progress: Arc<Progress>,
    /// Messages that were handled, or lost in a panic.
    settled: u64,
}

impl TaskInbox {
    pub(super) fn new(consumer: Consumer, unchecked: Unchecked, counters: Counters, progress: Arc<Progress>) -> Self {
        Self { consumer, unchecked, counters, progress, settled: 0 }
    }

    /// Counts what was dropped after the last message, which no message could tell.
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

    /// Its sender alone closes it.
    fn close(&self) {}

    fn take(&mut self, batch: &mut BatchBuffer) {
        let counters = &self.counters;
        self.consumer.poll(batch.room(), |frame| {
            batch.copy(&frame);
            counters.received.add(1);
            counters.bytes_received.add(frame.body.len() as u64);
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
