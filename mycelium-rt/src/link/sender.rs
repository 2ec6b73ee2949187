//! What all sending ends do the same way: they push messages, flush them in batches, and count.
//!
//! A [`Sender`] drives a [`SendEnd`], which is a ring to another thread or a link to another process. The sender decides when to flush
//! ([`BatchProgress`]); [`full`](super::full) decides what happens to a message that the end does not take. The end only carries this out.

use std::time::Instant;

use super::report::{Absence, Report};
use super::{Batch, Counters, Interrupt, OnFull, SendError};
use crate::time::later;

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

/// What messages go into: a ring to another thread, or a link with or without a peer. What happens when it is full stands in
/// [`Sender`](super::sender::Sender), once for all kinds; each kind says how to do it. It also does the waiting, so that nothing generic asks the kernel.
pub(crate) trait SendEnd {
    /// Whether it holds messages itself until they are flushed. In a ring they are the receiver's at once.
    const HOLDS: bool;

    /// What a body of `len` bytes counts for in a batch, in bytes.
    fn size(len: usize) -> usize {
        len
    }

    /// Takes the message, if there is room and somebody to take it to.
    ///
    /// # Errors
    /// Why not.
    fn push(&mut self, id: u16, body: &[u8]) -> Result<(), NotPushed>;

    /// The same, if it can by dropping the oldest messages that nobody has seen, and without a peer too. Says how many were dropped.
    fn push_over(&mut self, id: u16, body: &[u8]) -> (u64, Result<(), NotPushed>) {
        let _ = (id, body);
        (0, Err(NotPushed::Full))
    }

    /// Passes on what it holds, as far as that is taken now, of which `held` is new since the last time.
    fn flush(&mut self, held: Unflushed) -> Flushed;

    /// Whether it holds nothing that a flush could pass on.
    fn is_empty(&self) -> bool {
        true
    }

    /// Takes the next steps of the connection, if there is one: towards a peer, or finding out that it has gone. Says whether there is
    /// a peer since this moment.
    fn drive(&mut self) -> bool {
        false
    }

    /// What keeps it without a peer, while it has none.
    fn absence(&self) -> Option<Absence<'_>> {
        None
    }

    /// Why a wait for room would have no end.
    fn hopeless(&self) -> Option<SendError> {
        None
    }

    /// When to [`drive`](Self::drive) it again at the latest.
    fn timer(&self) -> Option<Instant> {
        None
    }

    /// Sleeps until there may be room, or a next step of the connection; until `deadline` at the latest, and never for long.
    fn wait(&mut self, deadline: Option<Instant>);

    /// Counts messages that were dropped before they came here: the receiver is told.
    fn note_lost(&mut self, messages: u64);

    /// Gives up what it still holds, and says how many messages these are.
    fn abandon(&mut self) -> u64 {
        0
    }

    /// Ends it. Nothing is taken any more.
    fn close(&mut self);
}

/// Why a message was not taken.
pub(crate) enum NotPushed {
    /// There is no room now, or no peer.
    Full,
    /// The peer does not know the message. That is counted already, and no loss.
    NotAccepted,
    /// It never will be.
    Never(SendError),
}

/// What came into an end since it was flushed last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unflushed {
    /// How many.
    pub messages: u64,
    /// Their bytes, by [`size`](crate::link::transport::transmit::Transmit::size).
    pub bytes: u64,
}

/// What a flush has passed on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flushed {
    /// How many messages.
    pub messages: u64,
    /// Their bytes, as they went out.
    pub bytes: u64,
    /// Whether something is left since no more is taken now.
    pub is_stuck: bool,
}

impl From<Unflushed> for Flushed {
    /// All of it.
    #[inline]
    fn from(Unflushed { messages, bytes }: Unflushed) -> Self {
        Self { messages, bytes, is_stuck: false }
    }
}

/// A batch is complete at this many bytes, too: more in one write gain nothing.
const MAX_BYTES: usize = 64 * 1024;

/// Messages between two attempts to write while the kernel takes no more: each attempt is a system call.
const ATTEMPT_EVERY: u32 = 64;

/// How far the batch at hand has come.
#[derive(Debug)]
pub(crate) struct BatchProgress {
    batch: Batch,
    /// Messages and bytes since the last attempt to write.
    held: u32,
    bytes: usize,
    /// Whether the last attempt left something behind.
    stuck: bool,
    since: Option<Instant>,
}

impl BatchProgress {
    pub(crate) fn new(batch: Batch) -> Self {
        Self { batch, held: 0, bytes: 0, stuck: false, since: None }
    }

    /// What came since the last attempt.
    #[inline(always)]
    pub(crate) fn held(&self) -> Unflushed {
        Unflushed { messages: u64::from(self.held), bytes: self.bytes as u64 }
    }

    /// One message more, of `size` bytes; says whether to write now.
    #[inline]
    pub(crate) fn add(&mut self, size: usize) -> bool {
        self.held += 1;
        self.bytes += size;
        if self.held >= self.batch.max.get() || self.bytes >= MAX_BYTES {
            return !self.stuck || self.held >= ATTEMPT_EVERY || self.bytes >= MAX_BYTES;
        }
        // The clock is asked once a batch, and only if there is a delay to keep.
        if self.held == 1 && !self.batch.delay.is_zero() {
            self.since = Some(Instant::now());
        }
        false
    }

    /// Whether to write although no message has come: the last attempt left something, or the first message of the batch
    /// has waited for as long as it may.
    pub(crate) fn is_due(&self) -> bool {
        self.stuck || self.since.is_some_and(|since| since.elapsed() >= self.batch.delay)
    }

    /// When the batch is complete at the latest.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.since.map(|since| later(since, self.batch.delay))
    }

    /// An attempt to write was made, or there is nobody to write to; `stuck` if the kernel did not take everything.
    pub(crate) fn restart(&mut self, stuck: bool) {
        (self.held, self.bytes, self.stuck, self.since) = (0, 0, stuck, None);
    }
}
