//! The producer's end of a ring, wherever the ring lies.

use super::barrier::Barrier;
use super::geometry::Geometry;
use super::memory::Memory;
use super::rules;
use super::slot::Head;
use super::{Corrupt, PushError};
use crate::sync::Ordering;

/// Writes slots, commits them, and finds out whether the consumer must be woken.
pub(crate) struct Writer {
    memory: Memory,
    slots: u64,
    capacity: u64,
    max_body: usize,
    barrier: Barrier,
    /// Sequence number of the next message.
    next: u64,
    /// The consumer's cursor when last looked at.
    cursor: u64,
    /// The first message for which there is no room, as of that cursor.
    limit: u64,
    /// Messages dropped that no slot has told of yet.
    lost: u64,
    /// The consumer's park epoch for which it was already woken.
    rung: u32,
    /// Own park epoch.
    park: u32,
    /// What the consumer's wake word was last set to.
    wake: u32,
    /// Bytes committed so far.
    bytes: u64,
    /// Messages dropped so far.
    lost_total: u64,
    /// What `next` and `lost_total` were at the last flush.
    published: (u64, u64),
}

impl Writer {
    pub(crate) fn new(memory: Memory, geometry: Geometry, barrier: Barrier) -> Self {
        Self {
            memory,
            slots: geometry.slots() as u64,
            capacity: geometry.capacity() as u64,
            max_body: geometry.max_body(),
            barrier,
            next: 0,
            cursor: 0,
            limit: geometry.capacity() as u64,
            lost: 0,
            rung: 0,
            park: 0,
            wake: 0,
            bytes: 0,
            lost_total: 0,
            published: (0, 0),
        }
    }

    /// Commits one message; a consumer that spins sees it at once, one that sleeps after [`flush`](Self::flush).
    #[inline(always)]
    pub(crate) fn try_push(&mut self, type_id: u16, body: &[u8]) -> Result<(), PushError> {
        if body.len() > self.max_body {
            return Err(PushError::TooLong);
        }
        if self.next >= self.limit {
            self.make_room()?;
        }
        let next = self.next;
        let lost = if self.lost == 0 { 0 } else { self.report_lost() };
        let slot = self.memory.slot(next);
        // SAFETY: this is the producer, `next` is not committed, and the cursor, which `make_room` has checked, has passed the last
        // use of its slot, for `capacity` is at most the number of slots. The length was checked above.
        unsafe { slot.write(Head { len: body.len() as u32, type_id, lost }, body) };
        // Partner: the consumer's look at the commit word.
        slot.commit_word().store(next + 1, rules::commit());
        self.next = next + 1;
        self.bytes += body.len() as u64;
        Ok(())
    }

    /// Messages lost that the next slot tells of; what a slot cannot say the one after it says, so that the sum is exact.
    #[cold]
    fn report_lost(&mut self) -> u16 {
        let lost = u16::try_from(self.lost).unwrap_or(u16::MAX);
        self.lost -= u64::from(lost);
        lost
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self) -> Result<(), PushError> {
        if self.has_space()? { Ok(()) } else { Err(PushError::Full) }
    }

    /// Whether a message fits in now.
    pub(crate) fn has_space(&mut self) -> Result<bool, Corrupt> {
        if self.next < self.limit {
            return Ok(true);
        }
        // Partner: the consumer's store in `release`.
        let cursor = self.memory.cursor().load(rules::before_fence());
        rules::after_cursor();
        if cursor > self.next || cursor < self.cursor || self.next - cursor > self.slots {
            return Err(Corrupt::Cursor { cursor, next: self.next });
        }
        self.cursor = cursor;
        self.limit = cursor + self.capacity;
        Ok(self.next < self.limit)
    }

    /// Counts messages that were dropped before they were committed: the next one says so.
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.lost = self.lost.saturating_add(messages);
        self.lost_total = self.lost_total.saturating_add(messages);
    }

    /// Publishes the statistics; true if the consumer sleeps and was not woken since it fell asleep, which the caller must do now.
    #[inline]
    pub(crate) fn flush(&mut self) -> bool {
        if self.published == (self.next, self.lost_total) {
            // Nothing was committed since the last look: a consumer that fell asleep after it has seen everything.
            return false;
        }
        self.publish();
        if !self.barrier.peer_sleeps() {
            return false;
        }
        self.barrier.before_notify();
        // Partner: the consumer's store in `begin_park`.
        let epoch = self.memory.park_rx().load(Ordering::Relaxed);
        if epoch.is_multiple_of(2) || epoch == self.rung {
            return false;
        }
        self.rung = epoch;
        self.change_wake_word();
        true
    }

    #[inline]
    fn publish(&mut self) {
        self.published = (self.next, self.lost_total);
        if cfg!(all(test, mycelium_loom)) {
            return; // Three more steps to interleave, and nothing to find.
        }
        // Nothing but numbers to look at: no partner.
        self.memory.committed().store(self.next, Ordering::Relaxed);
        self.memory.bytes().store(self.bytes, Ordering::Relaxed);
        self.memory.lost().store(self.lost_total, Ordering::Relaxed);
    }

    /// Makes a consumer that is about to fall asleep stay awake.
    pub(crate) fn change_wake_word(&mut self) {
        self.wake = self.wake.wrapping_add(1);
        self.memory.wake_data().bump(self.wake);
    }

    /// Wakes a consumer that sleeps in this process.
    pub(crate) fn wake_thread(&self) {
        self.memory.wake_data().wake();
    }

    /// Says that this end is about to sleep until there is space. The caller looks once more, sleeps, and calls
    /// [`end_park`](Self::end_park).
    pub(crate) fn begin_park(&mut self) -> Parked {
        let snapshot = self.memory.wake_space().snapshot();
        self.park = self.park.wrapping_add(1) | 1;
        // Partner: the consumer's load in `notify`.
        self.memory.park_tx().store(self.park, Ordering::Relaxed);
        Parked { snapshot, ordered: self.barrier.before_sleep() }
    }

    /// Says that this end is awake.
    pub(crate) fn end_park(&mut self) {
        self.park = self.park.wrapping_add(1) & !1;
        // Partner: the consumer's load in `notify`.
        self.memory.park_tx().store(self.park, Ordering::Relaxed);
    }

    /// Sleeps until the consumer wakes this thread, the time is over, or for no reason.
    pub(crate) fn sleep(&self, parked: Parked, timeout: Option<std::time::Duration>) {
        self.memory.wake_space().wait(parked.snapshot, parked.bounded(timeout));
    }

    /// Messages that were committed so far.
    pub(crate) fn committed(&self) -> u64 {
        self.next
    }

    /// Messages dropped that no slot has told of yet.
    pub(crate) fn unreported_lost(&self) -> u64 {
        self.lost
    }

    /// Messages committed that the consumer has not given back, as far as its cursor can be believed.
    pub(crate) fn unread(&self) -> u64 {
        // Partner: the consumer's store in `release`; a number only.
        let cursor = self.memory.cursor().load(Ordering::Relaxed);
        self.next - cursor.clamp(self.cursor, self.next)
    }
}

/// The state of an end that is about to sleep.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Parked {
    pub(super) snapshot: u32,
    /// Whether the last look is ordered after the park word. If not, a wake-up can be missed.
    pub(super) ordered: bool,
}

impl Parked {
    /// How long to sleep: no longer than a moment where a wake-up can be missed.
    pub(super) fn bounded(self, timeout: Option<std::time::Duration>) -> Option<std::time::Duration> {
        const MOMENT: std::time::Duration = std::time::Duration::from_millis(1);
        if self.ordered { timeout } else { Some(timeout.map_or(MOMENT, |timeout| timeout.min(MOMENT))) }
    }
}
