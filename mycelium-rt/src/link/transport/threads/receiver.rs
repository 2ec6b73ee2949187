//! The receiving end of a ring, with the counters of a link.

use std::task::{Context, Poll};
use std::time::Duration;

use crate::link::delivery::Taken;
use crate::link::{Counters, LinkStats};
use crate::ring::{Consumer, Ready};

/// Receives what a [`RingSender`](super::RingSender) sends, on another thread. Dropping it is reported to the sender.
///
/// What the sender dropped is counted as [`gaps`](LinkStats::gaps): with the next message, or at the end.
///
/// There is an example at [`RingSpec`](super::RingSpec).
#[derive(Debug)]
pub struct RingReceiver {
    consumer: Consumer,
    /// The number of messages that the sender has reported as lost.
    lost: u64,
    counters: Counters,
}

impl RingReceiver {
    pub(super) fn new(consumer: Consumer) -> Self {
        Self { consumer, lost: 0, counters: Counters::default() }
    }

    /// Delivers at most `max` messages, in order: calls `deliver` with the id and the body of each, which lies on an 8-byte
    /// boundary. Returns the number of messages.
    #[inline]
    pub fn poll(&mut self, max: usize, mut deliver: impl FnMut(u16, &[u8])) -> usize {
        let Self { consumer, lost, counters } = self;
        let mut taken = Taken::new(counters);
        consumer.poll(max, |frame| {
            taken.messages += 1;
            taken.gaps += u64::from(frame.lost);
            *lost += u64::from(frame.lost);
            deliver(frame.type_id, frame.body);
        });
        let count = taken.all();
        drop(taken);
        if count == 0 && self.is_closed() {
            self.note_the_end();
        }
        count
    }

    /// Waits until there is a message: spins for a moment, then sleeps. Without a time-out possibly for ever.
    pub fn wait(&mut self, timeout: Option<Duration>) -> Ready {
        self.consumer.wait(timeout)
    }

    /// As [`wait`](Self::wait), for a task, or for a thread that waits for several things with one waker: the waker is
    /// called when there is a message or the sender is gone.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        self.consumer.poll_ready(cx)
    }

    /// Ends the sleep of an owner that [`poll_ready`](Self::poll_ready) has left waiting, so that the sender need not wake
    /// it.
    pub(crate) fn unpark(&mut self) {
        self.consumer.awake();
    }

    /// Whether there is a message.
    #[must_use]
    pub fn has_message(&self) -> bool {
        self.consumer.has_message()
    }

    /// Whether the sender is gone. Some of its messages may be left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.consumer.is_closed()
    }

    /// What has happened so far.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Counts what was dropped after the last message, which no message can report.
    #[cold]
    fn note_the_end(&mut self) {
        if !self.has_message() {
            let lost = self.consumer.lost_total().max(self.lost);
            self.counters.gaps.add(lost - self.lost);
            self.lost = lost;
        }
    }
}
