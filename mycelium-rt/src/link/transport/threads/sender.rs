//! The sending end of a ring between threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::Message;
use crate::link::report::Report;
use crate::link::sender::Sender;
use crate::link::sender::{Flushed, NotPushed, SendEnd, Unflushed};
use crate::link::wait::{aside, nap};
use crate::link::{Batch, Counters, Interrupt, LinkStats, OnFull, SendAllError, SendError};
use crate::ring::{Producer, PushError};
use crate::schedule::{Schedule, ScheduleSlot};

/// Sends messages to another thread or to a task, in order, through a ring in memory. Dropping it closes it.
///
/// Under a policy that blocks, the calling thread sleeps until the receiver has made room. It must not be the thread that
/// receives, nor one that the receiving task needs: don't call it on a runtime with a single thread.
///
/// There is an example at [`RingSpec`](super::RingSpec).
#[derive(Debug)]
pub struct RingSender {
    sender: Sender<RingEnd>,
    unchecked: Unchecked,
}

/// The ring of a sender, until it is closed.
#[derive(Debug)]
struct RingEnd {
    producer: Option<Producer>,
    /// In a test with a schedule: what runs while this sender waits.
    others: Option<Others>,
}

/// Whether a sender was given raw bytes, which may not be a valid message. A receiver that hands messages to a service then
/// validates them.
///
/// The sender sets it before it pushes the first such message. The receiver reads it after it has taken a message: the
/// slot's commit word, which the sender releases and the receiver acquires, makes it visible together with the message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unchecked(Arc<AtomicBool>);

impl Unchecked {
    fn note(&self) {
        // Released by the push that follows.
        self.0.store(true, Ordering::Relaxed);
    }

    /// True from the first message on that may be invalid.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_noted(&self) -> bool {
        // Acquired when the message was taken.
        self.0.load(Ordering::Relaxed)
    }
}

/// How a blocked sender lets lanes under a schedule make room.
#[derive(Debug)]
pub(crate) enum Others {
    /// It is on a lane itself: its turn ends, and continues later.
    Lanes(ScheduleSlot),
    /// It is outside of all lanes: it lets the lanes run.
    All(Schedule),
}

impl Others {
    fn run(&self) {
        match self {
            Self::Lanes(schedule_slot) => {
                schedule_slot.end_turn(true);
                schedule_slot.await_turn();
            }
            Self::All(schedule) => {
                schedule.run_until_idle();
            }
        }
    }
}

impl RingSender {
    /// `on_full` must be a policy that [`check_for_queue`](OnFull::check_for_queue) allows.
    pub(crate) fn new(on_full: OnFull, batch: Batch, producer: Producer, report: Report, counters: Counters) -> Self {
        let end = RingEnd { producer: Some(producer), others: None };
        Self { sender: Sender::new(end, on_full, batch, report, counters), unchecked: Unchecked::default() }
    }

    /// Whether it was given raw bytes.
    #[cfg(feature = "tokio")]
    pub(crate) fn unchecked(&self) -> &Unchecked {
        &self.unchecked
    }

    /// Lets others run while it waits.
    pub(crate) fn with_others(mut self, others: Option<Others>) -> Self {
        self.sender.end.others = others;
        self
    }

    /// Sends a message.
    ///
    /// # Errors
    /// As the policy says, and [`SendError::PeerGone`] if the ring is full and its receiver gone; the message is then
    /// dropped and counted. If the policy drops the message silently, the result is `Ok`.
    #[inline]
    pub fn send<M: Message>(&mut self, message: &M) -> Result<(), SendError> {
        self.sender.send(M::ID, message.as_bytes())
    }

    /// Sends a message by a policy other than the sender's own.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), by that policy.
    #[inline]
    pub fn send_as<M: Message>(&mut self, message: &M, on_full: OnFull) -> Result<(), SendError> {
        self.sender.send_as(M::ID, message.as_bytes(), on_full)
    }

    /// Sends many messages at once: as [`send`](Self::send) does one by one, until one is not sent, with the same counters. But the receiver
    /// is woken once, at the end of them or of each 64 KiB, and sees them in groups of up to 64.
    ///
    /// ```
    /// use contracts::Signal;
    /// use mycelium_rt::link::{OnFull, RingSpec, SendAllError, SendError};
    ///
    /// let spec = RingSpec { capacity: 8, on_full: OnFull::Error, ..RingSpec::new("desk") };
    /// let (mut sender, mut receiver) = spec.open()?;
    /// // The first 8 fit in; the next one, number 8, is refused, and number 9 is not tried.
    /// let full = SendAllError { sent: 8, reason: SendError::Full };
    /// assert_eq!(sender.send_all(&[Signal::default(); 10]), Err(full));
    /// assert_eq!(receiver.poll(64, |_id, _body| ()), 8);
    /// # Ok::<(), mycelium_rt::link::LinkError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`send`](Self::send), with the number of messages before.
    #[inline]
    pub fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        self.sender.send_all(messages)
    }

    /// Sends the body of the message with this id; otherwise as [`send`](Self::send). A task that receives it validates it,
    /// and everything from this sender from then on.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), and a message or a length that the link does not have.
    #[inline]
    pub fn send_bytes(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.unchecked.note();
        self.sender.send(id, body)
    }

    /// Wakes the receiver if a batch has waited for as long as it may.
    pub fn poll(&mut self) {
        self.sender.poll();
    }

    /// Wakes the receiver, if it sleeps, for what has been sent.
    pub fn flush(&mut self) {
        self.sender.flush();
    }

    /// When to call [`poll`](Self::poll) at the latest.
    #[must_use]
    pub fn timer(&self) -> Option<Instant> {
        self.sender.timer()
    }

    /// Flushes, and lets the receiver see the end once it has taken everything.
    pub fn close(&mut self) {
        self.sender.close();
    }

    /// Whether nothing can be sent any more: it was closed, or the receiver is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.end.producer.as_ref().is_none_or(Producer::is_closed)
    }

    /// What has happened so far, as of the last flush.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters().snapshot()
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.sender.counters()
    }

    /// A handle that ends the waits of this sender.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.sender.interrupt()
    }
}

impl Drop for RingSender {
    /// Closes it, so that its counters include the last batch.
    fn drop(&mut self) {
        self.close();
    }
}

/// A message belongs to the receiver as soon as it is in the ring: a flush only wakes a receiver that sleeps.
impl SendEnd for RingEnd {
    const HOLDS: bool = false;

    #[inline(always)]
    fn push(&mut self, id: u16, body: &[u8]) -> Result<(), NotPushed> {
        let Some(producer) = &mut self.producer else { return Err(NotPushed::Never(SendError::Closed)) };
        match producer.push_bytes(id, body) {
            Ok(()) => Ok(()),
            Err(error) => Err(not_pushed(error, body.len())),
        }
    }

    #[inline(always)]
    fn push_all<M: Message>(&mut self, messages: &[M]) -> Result<usize, NotPushed> {
        let Some(producer) = &mut self.producer else { return Err(NotPushed::Never(SendError::Closed)) };
        producer.try_push_all(messages).map_err(|error| not_pushed(error, size_of::<M>()))
    }

    #[inline]
    fn flush(&mut self, held: Unflushed) -> Flushed {
        if let Some(producer) = &mut self.producer {
            producer.flush();
        }
        // Bytes are counted where they leave the process.
        Flushed { messages: held.messages, ..Flushed::default() }
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        match (&self.others, &mut self.producer) {
            (Some(others), _) => others.run(),
            (None, Some(producer)) => {
                // Why the wait ended shows when the message is pushed.
                let _ = aside(|| producer.wait_space(Some(nap(deadline))));
            }
            (None, None) => {}
        }
    }

    fn note_lost(&mut self, messages: u64) {
        if let Some(producer) = &mut self.producer {
            producer.note_lost(messages);
        }
    }

    fn close(&mut self) {
        self.producer = None;
    }
}

#[cold]
fn not_pushed(error: PushError, len: usize) -> NotPushed {
    match error {
        PushError::Full => NotPushed::Full,
        PushError::TooLong => NotPushed::Never(SendError::TooLong { len }),
        PushError::Closed | PushError::Corrupt(_) => NotPushed::Never(SendError::PeerGone),
    }
}
