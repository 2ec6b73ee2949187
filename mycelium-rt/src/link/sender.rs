//! What all sending ends do the same way: they push messages, flush them in batches, and count.
//!
//! A [`Sender`] drives a [`SendEnd`], which is a ring to another thread or a link to another process. The sender decides when to
//! flush ([`BatchProgress`]); [`full`](super::full) decides what happens to a message that the end does not take. The end only
//! carries this out.

use std::time::Instant;

use super::latest::Latest;
use super::report::{Absence, Report};
use super::{Batch, Counters, Interrupt, OnFull, SendAllError, SendError};
use crate::message::Message;
use crate::time::later;

/// A sending end with its policies. What happens when the end is full is in [`full`](super::full).
#[derive(Debug)]
pub(crate) struct Sender<E> {
    pub(crate) end: E,
    pub(super) on_full: OnFull,
    batch: BatchProgress,
    pub(super) interrupt: Interrupt,
    pub(super) report: Report,
    pub(super) counters: Counters,
    /// What waits beside the end, with [`OnFull::Latest`].
    pub(super) latest: Option<Box<Latest>>,
}

impl<E: SendEnd> Sender<E> {
    pub(crate) fn new(end: E, on_full: OnFull, batch: Batch, report: Report, counters: Counters) -> Self {
        let (batch, interrupt) = (BatchProgress::new(batch), Interrupt::default());
        Self { end, on_full, batch, interrupt, report, counters, latest: None }
    }

    /// Keeps the newest messages beside the end, as [`OnFull::Latest`] says.
    pub(crate) fn keeping(mut self, latest: Option<Latest>) -> Self {
        self.latest = latest.map(Box::new);
        self
    }

    /// Sends a message by the sender's own policy.
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

    /// Sends messages as [`send`](Self::send) does one by one, until one is not sent, but flushes only at the end, or where a batch has as
    /// many bytes as are worth a write.
    #[inline]
    pub(crate) fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        if self.latest.is_some() {
            // What waits is older, and goes first.
            return messages.iter().enumerate().try_for_each(|(sent, message)| {
                self.send_latest(M::ID, 0, message.as_bytes()).map_err(|reason| SendAllError { sent, reason })
            });
        }
        let mut rest = messages;
        let result = loop {
            let Some((first, others)) = rest.split_first() else { break Ok(()) };
            match self.end.push_all(rest) {
                Ok(taken) => {
                    // An end takes at most as many as there are.
                    let (pushed, left) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
                    if self.batch.add_all(pushed.len(), E::size(first.as_bytes().len())) {
                        self.pass_on();
                    }
                    rest = left;
                }
                Err(reason) => match self.not_pushed(M::ID, first.as_bytes(), reason, self.on_full) {
                    Ok(()) => rest = others,
                    Err(reason) => break Err(SendAllError { sent: messages.len() - rest.len(), reason }),
                },
            }
        };
        if self.batch.is_complete() {
            self.pass_on();
        }
        result
    }

    /// Counts a message that the end has taken, and flushes if that completes the batch.
    #[inline(always)]
    pub(super) fn pushed(&mut self, len: usize) {
        if self.batch.add(E::size(len)) {
            self.pass_on();
        }
    }

    /// Passes on what the end holds, as far as it is taken now; returns whether nothing is left.
    #[inline]
    pub(crate) fn flush(&mut self) -> bool {
        if !E::HOLDS || !self.end.is_empty() {
            self.pass_on();
        }
        if self.latest.is_some() {
            return self.hand_over_and_pass_on();
        }
        self.end.is_empty()
    }

    /// Hands over what waits, and passes it on, as long as there is room. Returns whether nothing is left.
    #[inline(never)]
    fn hand_over_and_pass_on(&mut self) -> bool {
        while self.hand_over() {
            self.pass_on();
        }
        self.is_empty()
    }

    /// Whether there is nothing to flush, and nothing waits for room.
    pub(crate) fn is_empty(&self) -> bool {
        self.end.is_empty() && !self.waits()
    }

    #[inline(never)]
    fn pass_on(&mut self) {
        let flushed = self.end.flush(self.batch.held());
        // The kernel may have taken only a part of one message.
        if flushed.messages > 0 || (E::HOLDS && flushed.bytes > 0) {
            self.counters.batches.add(1);
            self.counters.bytes_sent.add(flushed.bytes);
            self.counters.sent.add(flushed.messages);
        }
        self.batch.restart(flushed.is_stuck);
    }

    /// Flushes a batch that has waited for as long as it may.
    #[inline]
    pub(crate) fn poll(&mut self) {
        if self.batch.is_due() {
            // Also if the end is empty: what it held may have been taken back.
            self.pass_on();
        }
        if self.waits() {
            self.hand_over_and_pass_on();
        }
    }

    /// Takes the next steps of the connection, and reports messages that were lost because there was no peer.
    pub(crate) fn drive(&mut self) {
        if self.end.drive() {
            self.flush();
        }
        match self.end.absence() {
            Some(absence) => self.report.absent(absence, !self.is_empty()),
            None => self.report.found(),
        }
    }

    /// Counts messages that were lost before they got here: they are reported to the receiver.
    #[cfg(all(feature = "bus", feature = "net"))]
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.end.note_lost(messages);
        self.report.dropped(messages, self.on_full, self.end.absence());
    }

    /// Flushes and closes it. Returns the number of messages that it still held; they are counted as dropped, and a warning
    /// reports them together with those that a peer that is gone had not taken.
    pub(crate) fn close(&mut self) -> u64 {
        self.flush();
        let before = self.counters.lost_in_flight.get();
        let left = self.end.abandon().saturating_add(self.latest.as_mut().map_or(0, |latest| latest.abandon()));
        self.counters.dropped_closed.add(left);
        let lost = self.counters.lost_in_flight.get().saturating_sub(before);
        self.report.ended(left.saturating_add(lost), self.end.absence());
        self.end.close();
        left
    }

    /// When to call [`poll`](Self::poll) or [`drive`](Self::drive) at the latest.
    pub(crate) fn timer(&self) -> Option<Instant> {
        [self.batch.due(), self.end.timer()].into_iter().flatten().min()
    }

    /// Announces that the owner is about to sleep; false if there is room for what waits. [`unpark`](Self::unpark) follows in any case.
    pub(crate) fn park(&mut self) -> bool {
        !self.waits() || self.end.park()
    }

    /// Announces that the owner is awake.
    pub(crate) fn unpark(&mut self) {
        if self.latest.is_some() {
            self.end.unpark();
        }
    }

    /// The live counters.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A handle that interrupts its waits.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }
}

/// What messages are pushed into: a ring to another thread, or a link with or without a peer. What happens when it is full
/// is decided by [`Sender`] for all kinds; each kind carries it out. The end also does the waiting, so that nothing generic
/// makes system calls.
pub(crate) trait SendEnd {
    /// Whether it holds messages itself until they are flushed. In a ring they belong to the receiver at once.
    const HOLDS: bool;

    /// The number of bytes that a body of `len` bytes adds to a batch.
    fn size(len: usize) -> usize {
        len
    }

    /// Takes the message, if there is room and a peer.
    ///
    /// # Errors
    /// Why the message was not taken.
    fn push(&mut self, id: u16, body: &[u8]) -> Result<(), NotPushed>;

    /// Takes the first of these messages, and as many more as is best taken at once; returns their number.
    ///
    /// # Errors
    /// Why the first message was not taken.
    #[inline(always)]
    fn push_all<M: Message>(&mut self, messages: &[M]) -> Result<usize, NotPushed> {
        messages.first().map_or(Ok(0), |message| self.push(M::ID, message.as_bytes()).map(|()| 1))
    }

    /// As [`push`](Self::push), but may drop the oldest messages that the peer has not seen, and may work without a peer.
    /// Also returns how many were dropped.
    fn push_over(&mut self, id: u16, body: &[u8]) -> (u64, Result<(), NotPushed>) {
        let _ = (id, body);
        (0, Err(NotPushed::Full))
    }

    /// Passes on what it holds, as far as it is taken now; `held` is what is new since the last flush.
    fn flush(&mut self, held: Unflushed) -> Flushed;

    /// Whether there is nothing to flush.
    fn is_empty(&self) -> bool {
        true
    }

    /// Takes the next steps of the connection, if there is one: towards a peer, or finding out that the peer is gone.
    /// Returns whether a peer has just been found.
    fn drive(&mut self) -> bool {
        false
    }

    /// Why it has no peer, while it has none.
    fn absence(&self) -> Option<Absence<'_>> {
        None
    }

    /// Why waiting for room would never end, if so.
    fn cannot_wait(&self) -> Option<SendError> {
        None
    }

    /// When to call [`drive`](Self::drive) again at the latest.
    fn timer(&self) -> Option<Instant> {
        None
    }

    /// Announces that the owner is about to sleep, and that the peer is to wake it once there is room; false if there is room.
    /// [`unpark`](Self::unpark) follows in any case.
    fn park(&mut self) -> bool {
        true
    }

    /// Announces that the owner is awake.
    fn unpark(&mut self) {}

    /// Sleeps until there may be room or the connection can take a step; until `deadline` at the latest, and never for long.
    fn wait(&mut self, deadline: Option<Instant>);

    /// Counts messages that were dropped before they were pushed: they are reported to the receiver.
    fn note_lost(&mut self, messages: u64);

    /// Gives up what it still holds; returns the number of messages.
    fn abandon(&mut self) -> u64 {
        0
    }

    /// Closes it. No message is taken from now on.
    fn close(&mut self);
}

/// Why a message was not taken.
pub(crate) enum NotPushed {
    /// There is no room now, or no peer.
    Full,
    /// The peer does not know the message. This is already counted, and is no loss.
    NotAccepted,
    /// The message can never be taken.
    Never(SendError),
}

/// What was pushed into an end since its last flush.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unflushed {
    /// The number of messages.
    pub messages: u64,
    /// Their bytes, by [`size`](crate::link::transport::transmit::Transmit::size).
    pub bytes: u64,
}

/// What a flush has passed on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flushed {
    /// The number of messages.
    pub messages: u64,
    /// Their bytes, as they were sent.
    pub bytes: u64,
    /// Whether something is left because no more is taken now.
    pub is_stuck: bool,
}

impl From<Unflushed> for Flushed {
    /// Everything was passed on.
    #[inline]
    fn from(Unflushed { messages, bytes }: Unflushed) -> Self {
        Self { messages, bytes, is_stuck: false }
    }
}

/// A batch is also complete at this many bytes: more in one write gain nothing.
const MAX_BYTES: usize = 64 * 1024;

/// While the kernel takes no more, one attempt to write per this many messages: each attempt is a system call.
const ATTEMPT_EVERY: u32 = 64;

/// How full the current batch is.
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

    /// What was added since the last attempt to write.
    #[inline(always)]
    pub(crate) fn held(&self) -> Unflushed {
        Unflushed { messages: u64::from(self.held), bytes: self.bytes as u64 }
    }

    /// Adds a message of `size` bytes; returns whether to write now.
    #[inline]
    pub(crate) fn add(&mut self, size: usize) -> bool {
        self.held += 1;
        self.bytes += size;
        self.is_complete()
    }

    /// Adds messages of `size` bytes each, after which others may follow at once; returns whether to write nevertheless.
    #[inline]
    fn add_all(&mut self, messages: usize, size: usize) -> bool {
        // Far below the limits: an end takes few messages at once, and this says when to write.
        self.held = self.held.saturating_add(u32::try_from(messages).unwrap_or(u32::MAX));
        self.bytes = self.bytes.saturating_add(messages.saturating_mul(size));
        self.bytes >= MAX_BYTES || self.held as usize >= MAX_BYTES
    }

    /// Whether to write now; if not, the time of the batch begins.
    #[inline]
    fn is_complete(&mut self) -> bool {
        if self.held >= self.batch.max.get() || self.bytes >= MAX_BYTES {
            return !self.stuck || self.held >= ATTEMPT_EVERY || self.bytes >= MAX_BYTES;
        }
        // The clock is read once per batch, and only if there is a delay to keep.
        if !self.batch.delay.is_zero() && self.since.is_none() && self.held > 0 {
            self.since = Some(Instant::now());
        }
        false
    }

    /// Whether to write although no message was added: the last attempt left something, or the first message of the batch
    /// has waited for as long as it may.
    pub(crate) fn is_due(&self) -> bool {
        self.stuck || self.since.is_some_and(|since| since.elapsed() >= self.batch.delay)
    }

    /// When the batch is complete at the latest.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.since.map(|since| later(since, self.batch.delay))
    }

    /// Begins the next batch: an attempt to write was made, or there is no peer to write to. `stuck` if the kernel did not
    /// take everything.
    pub(crate) fn restart(&mut self, stuck: bool) {
        (self.held, self.bytes, self.stuck, self.since) = (0, 0, stuck, None);
    }
}
