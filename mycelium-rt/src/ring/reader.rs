//! The consumer's end of a ring, wherever the ring lies.

use super::Corrupt;
use super::barrier::Barrier;
use super::bodies::{Bodies, Copied, InPlace};
use super::geometry::Geometry;
use super::memory::{Memory, Slot};
use super::rules;
use super::slot::Frame;
use super::writer::Parked;
use crate::sync::Ordering;

/// Reads committed slots, gives them back, and finds out whether the producer must be woken.
pub(crate) struct Reader<B> {
    memory: Memory,
    slots: u64,
    barrier: Barrier,
    /// Slots are given back after so many even if a batch goes on.
    release_every: u64,
    /// Sequence number of the next message.
    next: u64,
    /// What the cursor says: slots before it are given back.
    released: u64,
    /// Slots given back without a look whether the producer sleeps.
    unnotified: u64,
    /// The producer's park epoch for which it was already woken.
    rung: u32,
    /// Own park epoch.
    park: u32,
    /// What the producer's wake word was last set to.
    wake: u32,
    /// The producer is to be woken, and the caller was not told yet.
    wake_due: bool,
    /// Whether a slot has more lines than one.
    wide: bool,
    bodies: B,
}

/// How many slots before its turn a slot is fetched. Of 8, 12, 16, 24, 32 and 48, 16 was the least that gave nearly the full rate, between
/// cores that share a cache; between others it gave nearly three times that of 8.
const AHEAD: u64 = 16;

/// Why a poll ended early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PollError<E> {
    /// The other end broke the rules of the ring.
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
    /// A reader that copies every body out before anyone looks at it, whatever the producer does meanwhile.
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
            barrier,
            release_every: (slots / 8).max(1),
            next: 0,
            released: 0,
            unnotified: 0,
            rung: 0,
            park: 0,
            wake: 0,
            wake_due: false,
            wide: geometry.max_body() > 48,
            bodies,
        }
    }

    /// Slots of the ring.
    pub(crate) fn slots(&self) -> usize {
        self.slots as usize
    }

    /// Messages that were taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.next
    }

    /// Whether the next message is there.
    #[inline(always)]
    pub(crate) fn has_message(&self) -> Result<bool, Corrupt> {
        self.is_committed(self.memory.slot(self.next))
    }

    #[inline(always)]
    fn is_committed(&self, slot: Slot<'_>) -> Result<bool, Corrupt> {
        let next = self.next;
        // Partner: the producer's store in `try_push`.
        let word = slot.commit_word().load(rules::before_fence());
        if word == next + 1 {
            rules::after_commit_word();
            return Ok(true);
        }
        if B::DISTRUSTS && word != (next + 1).saturating_sub(self.slots) {
            return Err(Corrupt::CommitWord { word, next });
        }
        Ok(false)
    }

    /// Hands at most `max` messages to `take`, in order, without waiting. Returns how many.
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
                // The rest of the message will come with its commit word, and not only when it is asked for.
                slot.prefetch_line(1);
            }
            return Ok(false);
        }
        let later = self.memory.slot(sequence + AHEAD);
        later.prefetch_line(0);
        if self.wide {
            later.prefetch_line(1);
        }
        // SAFETY: this is the consumer.
        let head = unsafe { slot.head() };
        // Before the call, so that a message whose handler panics is not seen twice.
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

    /// Gives back what was read. Looks after a sleeping producer when there is nothing better to do, or when enough was given back
    /// to be worth waking it: the fence for it would otherwise stand in the way of every message.
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
        self.memory.cursor().store(self.next, rules::release_cursor());
        self.unnotified += self.next - self.released;
        self.released = self.next;
    }

    /// Finds out whether the producer sleeps on a full ring.
    fn notify(&mut self) {
        self.unnotified = 0;
        if !self.barrier.peer_sleeps() {
            return;
        }
        self.barrier.before_notify();
        self.look_for_sleeper();
    }

    fn look_for_sleeper(&mut self) {
        // Partner: the producer's store in `begin_park`.
        let epoch = self.memory.park_tx().load(Ordering::Relaxed);
        if epoch % 2 == 1 && epoch != self.rung {
            self.rung = epoch;
            self.change_wake_word();
            self.wake_due = true;
        }
    }

    /// Whether the producer sleeps and the caller must wake it now; says so once.
    #[inline(always)]
    pub(crate) fn take_wake_due(&mut self) -> bool {
        std::mem::take(&mut self.wake_due)
    }

    /// Makes a producer that is about to fall asleep stay awake.
    pub(crate) fn change_wake_word(&mut self) {
        self.wake = self.wake.wrapping_add(1);
        self.memory.wake_space().bump(self.wake);
    }

    /// Wakes a producer that sleeps in this process.
    pub(crate) fn wake_thread(&self) {
        self.memory.wake_space().wake();
    }

    /// Says that this end is about to sleep until there is a message. The caller deals with [`take_wake_due`](Self::take_wake_due),
    /// looks once more, sleeps, and calls [`end_park`](Self::end_park).
    pub(crate) fn begin_park(&mut self) -> Parked {
        let snapshot = self.store_park_word();
        let ordered = self.barrier.before_sleep();
        self.notify_before_sleep();
        Parked { snapshot, ordered }
    }

    /// The first step of [`begin_park`](Self::begin_park). The second is the barrier, which the caller may pay for once after storing the
    /// words of several rings; the third is [`notify_before_sleep`](Self::notify_before_sleep).
    pub(super) fn store_park_word(&mut self) -> u32 {
        let snapshot = self.memory.wake_data().snapshot();
        self.park = self.park.wrapping_add(1) | 1;
        // Partner: the producer's load in `flush`.
        self.memory.park_rx().store(self.park, Ordering::Relaxed);
        snapshot
    }

    /// Looks after a sleeping producer if slots were given back since the last look.
    pub(super) fn notify_before_sleep(&mut self) {
        if self.unnotified > 0 {
            self.notify();
        }
    }

    /// Says that this end is awake.
    pub(crate) fn end_park(&mut self) {
        self.park = self.park.wrapping_add(1) & !1;
        // Partner: the producer's load in `flush`.
        self.memory.park_rx().store(self.park, Ordering::Relaxed);
    }

    /// Sleeps until the producer wakes this thread, the time is over, or for no reason.
    pub(crate) fn sleep(&self, parked: Parked, timeout: Option<std::time::Duration>) {
        self.memory.wake_data().wait(parked.snapshot, parked.bounded(timeout));
    }

    /// What the producer says that it has dropped so far, as of its last flush. An untrusted producer can say anything.
    pub(crate) fn lost_total(&self) -> u64 {
        // Partner: `publish`; a number only.
        self.memory.lost().load(Ordering::Relaxed)
    }
}
