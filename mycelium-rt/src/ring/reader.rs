//! The consumer's end of the [`commit`] and [`park`](super::park) protocols, wherever the ring lies.

use super::frame::{Bodies, Copied, Frame, InPlace};
use super::layout::Geometry;
use super::memory::{Memory, Slot};
use super::park::{Barrier, Parked, Parker};
use super::{Corrupt, commit};
use crate::sync::Ordering;

/// The consumer's end: reads committed slots, gives them back, and finds out whether the producer must be woken.
pub(crate) struct Reader<B> {
    memory: Memory,
    slots: u64,
    parker: Parker,
    /// After this number of slots they are given back even if a batch goes on.
    release_every: u64,
    /// Sequence number of the next message.
    next: u64,
    /// The value of the cursor: slots before it are given back.
    released: u64,
    /// Slots given back since the producer's park word was last checked.
    unnotified: u64,
    /// The caller has to wake the producer.
    wake_due: bool,
    /// Whether a slot has more than one line.
    wide: bool,
    bodies: B,
}

/// How many slots ahead a slot is prefetched. Of 8, 12, 16, 24, 32 and 48, 16 was the smallest that gave nearly the full rate between
/// cores that share a cache; between others it gave nearly three times the rate of 8.
const PREFETCH_DISTANCE: u64 = 16;

/// Why a poll ended early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PollError<E> {
    /// The other end broke the protocol.
    Corrupt(Corrupt),
    /// The caller's function failed; its message counts as taken.
    Refused(E),
}

impl Reader<InPlace> {
    /// A reader that hands out bodies in place. Sound only where the producer is a [`Writer`](super::writer::Writer) of this process.
    pub(super) fn in_place(memory: Memory, geometry: Geometry, barrier: Barrier) -> Self {
        Self::new(memory, geometry, barrier, InPlace)
    }
}

impl Reader<Copied> {
    /// A reader that copies every body out before anything reads it, whatever the producer does meanwhile.
    pub(crate) fn copying(memory: Memory, geometry: Geometry, barrier: Barrier) -> Self {
        Self::new(memory, geometry, barrier, Copied::of(geometry.max_body()))
    }
}

impl<B: Bodies> Reader<B> {
    fn new(memory: Memory, geometry: Geometry, barrier: Barrier, bodies: B) -> Self {
        let slots = geometry.slots() as u64;
        Self {
            memory,
            slots,
            parker: Parker::new(barrier),
            release_every: (slots / 8).max(1),
            next: 0,
            released: 0,
            unnotified: 0,
            wake_due: false,
            wide: geometry.max_body() > 48,
            bodies,
        }
    }

    /// The number of slots of the ring.
    pub(crate) fn slots(&self) -> usize {
        self.slots as usize
    }

    /// The number of messages taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.next
    }

    /// Whether the next message is committed.
    #[inline(always)]
    pub(crate) fn has_message(&self) -> Result<bool, Corrupt> {
        self.is_committed(self.memory.slot(self.next))
    }

    #[inline(always)]
    fn is_committed(&self, slot: Slot<'_>) -> Result<bool, Corrupt> {
        let next = self.next;
        // Partner: the producer's store in `try_push`.
        let word = slot.commit_word().load(commit::before_fence());
        if word == next + 1 {
            commit::after_commit_word();
            return Ok(true);
        }
        if B::DISTRUSTS && word != (next + 1).saturating_sub(self.slots) {
            return Err(Corrupt::CommitWord { word, next });
        }
        Ok(false)
    }

    /// Hands at most `max` messages to `take`, in order, without waiting. Returns the number of messages.
    #[inline]
    pub(crate) fn poll<E>(
        &mut self,
        max: usize,
        mut take: impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<usize, PollError<E>> {
        for taken in 0..max {
            match self.poll_one(&mut take) {
                Ok(true) => {}
                Ok(false) => {
                    self.give_back_all(taken == 0);
                    return Ok(taken);
                }
                Err(error) => {
                    self.give_back_all(true);
                    return Err(error);
                }
            }
        }
        self.give_back_all(false);
        Ok(max)
    }

    #[inline(always)]
    fn poll_one<E>(&mut self, take: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<bool, PollError<E>> {
        let sequence = self.next;
        let slot = self.memory.slot(sequence);
        if !self.is_committed(slot).map_err(PollError::Corrupt)? {
            if self.wide {
                // So that the rest of the message arrives with its commit word, and not only when it is read.
                slot.prefetch_line(1);
            }
            return Ok(false);
        }
        let later = self.memory.slot(sequence + PREFETCH_DISTANCE);
        later.prefetch_line(0);
        if self.wide {
            later.prefetch_line(1);
        }
        // SAFETY: this is the consumer.
        let head = unsafe { slot.head() };
        // Before the call, so that a message whose handler panics is not delivered twice.
        self.next = sequence + 1;
        // SAFETY: committed, as `is_committed` said, by a producer of this process if `B` is `InPlace`, as `in_place` demands; `release`
        // is called only below, when the body is no longer in use.
        let result = unsafe { self.bodies.read(slot, head, |body| take(Frame::new(sequence, head, body))) };
        let result = result.map_err(PollError::Corrupt)?;
        if self.next - self.released >= self.release_every {
            self.release();
            self.notify();
        }
        result.map_err(PollError::Refused).map(|()| true)
    }

    /// Gives back what was read. Checks for a sleeping producer when there is nothing else to do, or when enough was given back to be
    /// worth waking it: otherwise every message would pay for the barrier.
    #[inline]
    fn give_back_all(&mut self, idle: bool) {
        if self.next != self.released {
            self.release();
        }
        if self.unnotified >= self.release_every || (idle && self.unnotified > 0) {
            self.notify();
        }
    }

    #[inline]
    fn release(&mut self) {
        // Partner: the producer's load in `has_space`.
        self.memory.cursor().store(self.next, commit::release_cursor());
        self.unnotified += self.next - self.released;
        self.released = self.next;
    }

    /// Finds out whether the producer sleeps on a full ring.
    fn notify(&mut self) {
        self.unnotified = 0;
        if self.parker.notify(self.memory.park_tx(), self.memory.wake_space()) {
            self.wake_due = true;
        }
    }

    /// Whether the producer sleeps and the caller must wake it now. Reported once.
    #[inline(always)]
    pub(crate) fn take_wake_due(&mut self) -> bool {
        std::mem::take(&mut self.wake_due)
    }

    /// Keeps a producer awake that is about to fall asleep.
    pub(crate) fn change_wake_word(&mut self) {
        self.parker.change_wake_word(self.memory.wake_space());
    }

    /// Wakes a producer's thread of this process.
    pub(crate) fn wake_thread(&self) {
        self.memory.wake_space().wake();
    }

    /// Announces that this end is about to sleep until there is a message. The caller handles [`take_wake_due`](Self::take_wake_due),
    /// makes its final check, sleeps, and calls [`end_park`](Self::end_park).
    pub(crate) fn begin_park(&mut self) -> Parked {
        let snapshot = self.store_park_word();
        let parked = self.parker.barrier(snapshot);
        self.notify_before_sleep();
        parked
    }

    /// The first step of [`begin_park`](Self::begin_park). The second is the barrier: a caller with several rings pays for it once, after
    /// storing all their words. The third is [`notify_before_sleep`](Self::notify_before_sleep).
    pub(super) fn store_park_word(&mut self) -> u32 {
        self.parker.announce(self.memory.park_rx(), self.memory.wake_data())
    }

    /// Checks for a sleeping producer if slots were given back since the last check.
    pub(super) fn notify_before_sleep(&mut self) {
        if self.unnotified > 0 {
            self.notify();
        }
    }

    /// Announces that this end is awake.
    pub(crate) fn end_park(&mut self) {
        self.parker.end(self.memory.park_rx());
    }

    /// Sleeps until the producer wakes this thread, until the timeout, or spuriously.
    pub(crate) fn sleep(&self, parked: Parked, timeout: Option<std::time::Duration>) {
        parked.sleep(self.memory.wake_data(), timeout);
    }

    /// The number of messages that the producer says it has dropped, as of its last flush. An untrusted producer can say anything.
    pub(crate) fn lost_total(&self) -> u64 {
        // Partner: the store in `flush`; a number only.
        self.memory.lost().load(Ordering::Relaxed)
    }
}
