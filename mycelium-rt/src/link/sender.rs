//! What all sending ends do alike: batches, counters, what is told.

use std::time::Instant;

use super::batch_progress::BatchProgress;
use super::report::Report;
use super::send_end::SendEnd;
use super::{Batch, Counters, Interrupt, OnFull, SendError};

/// An end with its policies. What happens when the end is full stands in [`full`](super::full).
#[derive(Debug)]
pub(crate) struct Sender<E> {
    pub(crate) end: E,
    pub(super) on_full: OnFull,
    pace: BatchProgress,
    pub(super) interrupt: Interrupt,
    pub(super) report: Report,
    pub(super) counters: Counters,
}

impl<E: SendEnd> Sender<E> {
    pub(crate) fn new(end: E, on_full: OnFull, batch: Batch, report: Report, counters: Counters) -> Self {
        Self { end, on_full, pace: BatchProgress::new(batch), interrupt: Interrupt::default(), report, counters }
    }

    /// Sends a message by the end's own policy.
    #[inline(always)]
    pub(crate) fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.send_as(id, body, self.on_full)
    }

    /// Sends a message by another policy.
    #[inline(always)]
    pub(crate) fn send_as(&mut self, id: u16, body: &[u8], on_full: OnFull) -> Result<(), SendError> {
        match self.end.push(id, body) {
            Ok(()) => {
                self.pushed(body.len());
                Ok(())
            }
            Err(reason) => self.not_pushed(id, body, reason, on_full),
        }
    }

    /// A message came into the end: flushes if that completes the batch.
    #[inline(always)]
    pub(super) fn pushed(&mut self, len: usize) {
        if self.pace.add(E::size(len)) {
            self.pass_on();
        }
    }

    /// Passes on what the end holds, as far as that is taken now; says whether nothing is left.
    #[inline]
    pub(crate) fn flush(&mut self) -> bool {
        if !E::HOLDS || !self.end.is_empty() {
            self.pass_on();
        }
        self.end.is_empty()
    }

    #[inline(never)]
    fn pass_on(&mut self) {
        let flushed = self.end.flush(self.pace.held());
        // Of what is written the kernel may have taken a part of one message.
        if flushed.messages > 0 || (E::HOLDS && flushed.bytes > 0) {
            self.counters.batches.add(1);
            self.counters.bytes_sent.add(flushed.bytes);
            self.counters.sent.add(flushed.messages);
        }
        self.pace.restart(flushed.is_stuck);
    }

    /// Flushes a batch that has waited for as long as it may.
    #[inline]
    pub(crate) fn poll(&mut self) {
        if self.pace.is_due() {
            // Also if it holds nothing any more: what it held may have been taken back.
            self.pass_on();
        }
    }

    /// Takes the next steps of the connection, and tells what it lost for want of a peer.
    pub(crate) fn drive(&mut self) {
        if self.end.drive() {
            self.flush();
        }
        match self.end.absence() {
            Some(absence) => self.report.absent(absence, !self.end.is_empty()),
            None => self.report.found(),
        }
    }

    /// Counts messages that were lost on the way here: the receiver is told.
    #[cfg(feature = "tokio")]
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.end.note_lost(messages);
        self.report.dropped(messages, self.on_full, self.end.absence());
    }

    /// Flushes and ends it. Returns how many messages it still held; they are counted as dropped, and warned of, and so are those that a
    /// peer which is gone had not taken.
    pub(crate) fn close(&mut self) -> u64 {
        self.flush();
        let before = self.counters.lost_in_flight.get();
        let left = self.end.abandon();
        self.counters.dropped_closed.add(left);
        let lost = self.counters.lost_in_flight.get().saturating_sub(before);
        self.report.ended(left.saturating_add(lost), self.end.absence());
        self.end.close();
        left
    }

    /// When to call [`poll`](Self::poll) at the latest, or [`drive`](Self::drive).
    pub(crate) fn timer(&self) -> Option<Instant> {
        [self.pace.due(), self.end.timer()].into_iter().flatten().min()
    }

    /// The live counters.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A handle that ends its waits.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }
}
