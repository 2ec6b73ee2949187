//! The sending end of a ring, with the policies of a link.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::Message;
use crate::link::pace::Pace;
use crate::link::report::{Report, Waiting};
use crate::link::wait::{INTERRUPT_LATENCY, aside};
use crate::link::{Batch, Counters, Interrupt, LinkStats, OnFull, SendError};
use crate::ring::{Producer, PushError, Ready};
use crate::testing::{Schedule, Seat};
use crate::time::after;

/// Sends messages to another thread or to a task, in order, by a ring in memory. Dropping it closes it.
///
/// Under a policy that blocks, the calling thread sleeps until the receiver has made room. It must not be the one that
/// receives, nor one that a receiving task needs: not within a runtime of one thread.
///
/// There is an example at [`RingSpec`](super::RingSpec).
#[derive(Debug)]
pub struct RingSender {
    producer: Option<Producer>,
    on_full: OnFull,
    pace: Pace,
    /// Messages pushed since the last flush, and their bytes.
    held: (u64, u64),
    interrupt: Interrupt,
    report: Report,
    counters: Arc<Counters>,
    /// Who takes its turn while this one waits, in a test.
    others: Option<Others>,
    unchecked: Unchecked,
}

/// Whether a sender was given bytes that nobody knew as a message. A receiver that hands messages to a service then validates them.
///
/// The sender notes it before it pushes the first of them. The receiver reads it after it has taken a message: the slot's commit word,
/// released by the one and acquired by the other, is what makes the note visible with the message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unchecked(Arc<AtomicBool>);

impl Unchecked {
    fn note(&self) {
        // The push that follows releases it.
        self.0.store(true, Ordering::Relaxed);
    }

    /// True from the first message on that may not be one.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_noted(&self) -> bool {
        // Taking the message has acquired it.
        self.0.load(Ordering::Relaxed)
    }
}

/// How a blocked sender lets lanes under a schedule make room.
#[derive(Debug)]
pub(crate) enum Others {
    /// It is on a lane itself: its turn ends, and goes on later.
    Lanes(Seat),
    /// It is outside: it lets the lanes run.
    All(Schedule),
}

impl Others {
    fn run(&self) {
        match self {
            Self::Lanes(seat) => {
                seat.end_turn(true);
                seat.await_turn();
            }
            Self::All(schedule) => {
                schedule.run_until_idle();
            }
        }
    }
}

impl RingSender {
    /// The policy is one that [`check_for_ring`](OnFull::check_for_ring) allows.
    pub(crate) fn new(on_full: OnFull, batch: Batch, producer: Producer, report: Report) -> Self {
        Self {
            producer: Some(producer),
            on_full,
            pace: Pace::new(batch),
            held: (0, 0),
            interrupt: Interrupt::default(),
            report,
            counters: Arc::new(Counters::default()),
            others: None,
            unchecked: Unchecked::default(),
        }
    }

    /// Whether it was given mere bytes.
    #[cfg(feature = "tokio")]
    pub(crate) fn unchecked(&self) -> &Unchecked {
        &self.unchecked
    }

    /// Lets others run while it waits.
    pub(crate) fn with_others(mut self, others: Option<Others>) -> Self {
        self.others = others;
        self
    }

    /// Sends a message.
    ///
    /// # Errors
    /// As the policy says, and [`SendError::PeerGone`] if the ring is full and its receiver gone; the message is dropped and
    /// counted then. A message that the policy dropped silently is `Ok`.
    #[inline]
    pub fn send<M: Message>(&mut self, message: &M) -> Result<(), SendError> {
        self.push(M::ID, message.as_bytes(), self.on_full)
    }

    /// Sends a message by another policy than the sender's own.
    ///
    /// # Errors
    /// As [`send`](Self::send), by that policy.
    #[inline]
    pub fn send_as<M: Message>(&mut self, message: &M, on_full: OnFull) -> Result<(), SendError> {
        self.push(M::ID, message.as_bytes(), on_full)
    }

    /// Sends the body of the message with this id. Otherwise as [`send`](Self::send). A task that receives it validates it, and from then
    /// on everything from this sender.
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn send_bytes(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.unchecked.note();
        self.push(id, body, self.on_full)
    }

    #[inline]
    fn push(&mut self, id: u16, body: &[u8], on_full: OnFull) -> Result<(), SendError> {
        let Some(producer) = &mut self.producer else {
            self.counters.dropped_closed.add(1);
            return Err(SendError::Closed);
        };
        match producer.push_bytes(id, body) {
            Ok(()) => {
                self.pushed(body.len());
                Ok(())
            }
            Err(error) => self.not_pushed(id, body, error, on_full),
        }
    }

    #[inline]
    fn pushed(&mut self, len: usize) {
        self.held = (self.held.0 + 1, self.held.1 + len as u64);
        if self.pace.add(len) {
            self.flush();
        }
    }

    #[cold]
    fn not_pushed(&mut self, id: u16, body: &[u8], error: PushError, on_full: OnFull) -> Result<(), SendError> {
        let deadline = match (error, on_full) {
            (PushError::TooLong, _) => return self.refuse(SendError::TooLong { len: body.len() }),
            (PushError::Closed | PushError::Corrupt(_), _) => return self.refuse(SendError::PeerGone),
            (PushError::Full, OnFull::Block) => None,
            (PushError::Full, OnFull::BlockFor(timeout)) => Some(after(timeout)),
            (PushError::Full, OnFull::DropNewest | OnFull::DropOldest) => {
                self.counters.dropped_newest.add(1);
                self.note_lost();
                self.report.dropped(1, on_full, None);
                self.flush();
                return Ok(());
            }
            (PushError::Full, OnFull::Error) => {
                self.flush();
                self.report.dropped(1, on_full, None);
                return self.refuse(SendError::Full);
            }
        };
        self.push_when_there_is_room(id, body, deadline)
    }

    fn push_when_there_is_room(&mut self, id: u16, body: &[u8], deadline: Option<Instant>) -> Result<(), SendError> {
        self.flush();
        if self.interrupt.is_set() {
            return self.refuse(SendError::Interrupted);
        }
        let mut waiting = Waiting::begin();
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let nap = match &self.others {
                Some(others) => {
                    others.run();
                    Duration::ZERO
                }
                None => left.map_or(INTERRUPT_LATENCY, |left| left.min(INTERRUPT_LATENCY)),
            };
            let Some(producer) = &mut self.producer else { return Err(SendError::Closed) };
            match aside(|| producer.wait_space(Some(nap))) {
                Ready::Closed => return self.refuse(SendError::PeerGone),
                Ready::Yes if producer.push_bytes(id, body).is_ok() => {
                    self.pushed(body.len());
                    return Ok(());
                }
                Ready::Yes | Ready::TimedOut => {}
            }
            waiting.go_on(&self.report, None);
            if self.interrupt.is_set() {
                return self.refuse(SendError::Interrupted);
            }
            if left.is_some_and(|left| left.is_zero()) {
                self.counters.dropped_timeout.add(1);
                self.note_lost();
                self.report.dropped(1, self.on_full, None);
                return Err(SendError::TimedOut);
            }
        }
    }

    #[cold]
    fn refuse(&mut self, error: SendError) -> Result<(), SendError> {
        self.counters.dropped_error.add(1);
        self.note_lost();
        // That it is full is told with its policy.
        if error != SendError::Full {
            self.report.refused(&error);
        }
        Err(error)
    }

    fn note_lost(&mut self) {
        if let Some(producer) = &mut self.producer {
            producer.note_lost(1);
        }
    }

    /// Wakes the receiver if a batch has waited for as long as it may.
    pub fn poll(&mut self) {
        if self.pace.is_due() {
            self.flush();
        }
    }

    /// Wakes the receiver, if it sleeps, for what has been sent.
    pub fn flush(&mut self) {
        if self.held.0 > 0 {
            let (messages, bytes) = std::mem::take(&mut self.held);
            self.counters.sent.add(messages);
            self.counters.bytes_sent.add(bytes);
            self.counters.batches.add(1);
        }
        self.pace.restart(false);
        if let Some(producer) = &mut self.producer {
            producer.flush();
        }
    }

    /// When to call [`poll`](Self::poll) at the latest.
    #[must_use]
    pub fn timer(&self) -> Option<Instant> {
        self.pace.due()
    }

    /// Flushes, and lets the receiver see the end once it has taken everything.
    pub fn close(&mut self) {
        self.flush();
        self.report.ended(0, None);
        self.producer = None;
    }

    /// Whether nothing can be sent any more: closed, or the receiver is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.producer.as_ref().is_none_or(Producer::is_closed)
    }

    /// What happened so far, as of the last flush.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A handle that ends the waits of this sender.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }
}

impl Drop for RingSender {
    /// Closes it, so that its counters tell of the last batch too.
    fn drop(&mut self) {
        self.close();
    }
}
