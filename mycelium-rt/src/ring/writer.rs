//! The producer's end of the [`commit`] and [`park`](super::park) protocols, wherever the ring lies.

use super::layout::{Geometry, Head};
use super::memory::Memory;
use super::park::{Barrier, Parked, Parker};
use super::{Corrupt, PushError, commit};
use crate::sync::Ordering;

/// The producer's end: writes slots, commits them, and finds out whether the consumer must be woken.
pub(crate) struct Writer {
    memory: Memory,
    slots: u64,
    capacity: u64,
    max_body: usize,
    parker: Parker,
    /// Sequence number of the next message.
    next: u64,
    /// The consumer's cursor when last loaded.
    cursor: u64,
    /// The first message for which there is no room, as of that cursor.
    limit: u64,
    /// Dropped messages that no slot has reported yet.
    lost: u64,
    /// Bytes committed so far.
    bytes: u64,
    /// Messages dropped so far.
    lost_total: u64,
    /// `next` and `lost_total` as of the last flush.
    published: (u64, u64),
}

/// The most messages that are committed at once. More would keep the consumer waiting for the first of them.
const GROUP: usize = 64;

impl Writer {
    pub(crate) fn new(memory: Memory, geometry: Geometry, barrier: Barrier) -> Self {
        Self {
            memory,
            slots: geometry.slots() as u64,
            capacity: geometry.capacity() as u64,
            max_body: geometry.max_body(),
            parker: Parker::new(barrier),
            next: 0,
            cursor: 0,
            limit: geometry.capacity() as u64,
            lost: 0,
            bytes: 0,
            lost_total: 0,
            published: (0, 0),
        }
    }

    /// Commits one message. A consumer that spins sees it at once, one that sleeps after [`flush`](Self::flush).
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
        // Partner: the consumer's load in `is_committed`.
        slot.commit_word().store(next + 1, commit::commit());
        self.next = next + 1;
        self.bytes += body.len() as u64;
        Ok(())
    }

    /// Commits as many of these messages as there is room for, in order, and returns their number, which is at least 1: the consumer sees
    /// none of them, or all. At most [`GROUP`] at once, so the caller calls again with the rest.
    #[inline(always)]
    pub(crate) fn try_push_all<'a>(
        &mut self,
        type_id: u16,
        mut bodies: impl ExactSizeIterator<Item = &'a [u8]>,
    ) -> Result<usize, PushError> {
        let wanted = bodies.len().min(GROUP);
        if wanted > 1 && self.lost == 0 {
            self.look_for_room(wanted as u64)?;
        }
        let room = self.limit.saturating_sub(self.next);
        if wanted < 2 || room < 2 || self.lost > 0 {
            // Only a single push reports dropped messages.
            return bodies.next().map_or(Ok(0), |body| self.try_push(type_id, body).map(|()| 1));
        }
        let (first, mut end, mut bytes) = (self.next, self.next, 0);
        // At most `GROUP`.
        for body in bodies.take(wanted.min(room as usize)) {
            if body.len() > self.max_body {
                break;
            }
            let head = Head { len: body.len() as u32, type_id, lost: 0 };
            // SAFETY: this is the producer, `end` is not committed, and the cursor, which `look_for_room` has checked, has passed the
            // last use of its slot, for `end` is below `limit`, and `capacity` is at most the number of slots. The length was just
            // checked.
            unsafe { self.memory.slot(end).write(head, body) };
            end += 1;
            bytes += body.len() as u64;
        }
        if end == first {
            return Err(PushError::TooLong);
        }
        // Not before all are written: what iterates is the caller's, and if it panics, nothing is committed.
        for sequence in first + 1..end {
            // Ordered by the store below, without which the consumer does not look here.
            self.memory.slot(sequence).commit_word().store(sequence + 1, Ordering::Relaxed);
        }
        // Partner: the consumer's load in `is_committed`.
        self.memory.slot(first).commit_word().store(first + 1, commit::commit());
        self.next = end;
        self.bytes += bytes;
        Ok((end - first) as usize)
    }

    /// The number of dropped messages for the next head. The rest of a larger number is left for the head after it.
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
        self.look_for_room(1)?;
        Ok(self.next < self.limit)
    }

    /// Loads the cursor, unless there is room for this many messages as of the last time.
    fn look_for_room(&mut self, messages: u64) -> Result<(), Corrupt> {
        if self.next + messages <= self.limit {
            return Ok(());
        }
        // Partner: the consumer's store in `release`.
        let cursor = self.memory.cursor().load(commit::before_fence());
        commit::after_cursor();
        if cursor > self.next || cursor < self.cursor || self.next - cursor > self.slots {
            return Err(Corrupt::Cursor { cursor, next: self.next });
        }
        self.cursor = cursor;
        self.limit = cursor + self.capacity;
        Ok(())
    }

    /// Counts messages that were dropped before they were committed. The next message carries their number.
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.lost = self.lost.saturating_add(messages);
        self.lost_total = self.lost_total.saturating_add(messages);
    }

    /// Publishes the statistics. True if the consumer sleeps and was not notified since it fell asleep: the caller must wake it now.
    #[inline]
    pub(crate) fn flush(&mut self) -> bool {
        if self.published == (self.next, self.lost_total) {
            // Nothing was committed since the last flush: a consumer that fell asleep after that has seen everything.
            return false;
        }
        self.published = (self.next, self.lost_total);
        // Left out of models: three more steps to interleave, and nothing to find.
        if !cfg!(all(test, mycelium_loom)) {
            // Statistics: no partner.
            self.memory.committed().store(self.next, Ordering::Relaxed);
            self.memory.bytes().store(self.bytes, Ordering::Relaxed);
            self.memory.lost().store(self.lost_total, Ordering::Relaxed);
        }
        self.parker.notify(self.memory.park_rx(), self.memory.wake_data())
    }

    /// Keeps a consumer awake that is about to fall asleep.
    pub(crate) fn change_wake_word(&mut self) {
        self.parker.change_wake_word(self.memory.wake_data());
    }

    /// Wakes a consumer's thread of this process.
    pub(crate) fn wake_thread(&self) {
        self.memory.wake_data().wake();
    }

    /// Announces that this end is about to sleep until there is space. The caller makes its final check, sleeps, and calls
    /// [`end_park`](Self::end_park).
    pub(crate) fn begin_park(&mut self) -> Parked {
        let snapshot = self.parker.announce(self.memory.park_tx(), self.memory.wake_space());
        self.parker.barrier(snapshot)
    }

    /// Announces that this end is awake.
    pub(crate) fn end_park(&mut self) {
        self.parker.end(self.memory.park_tx());
    }

    /// Sleeps until the consumer wakes this thread, until the timeout, or spuriously.
    pub(crate) fn sleep(&self, parked: Parked, timeout: Option<std::time::Duration>) {
        parked.sleep(self.memory.wake_space(), timeout);
    }

    /// The number of messages committed so far.
    pub(crate) fn committed(&self) -> u64 {
        self.next
    }

    /// The number of dropped messages that no slot has reported yet.
    pub(crate) fn unreported_lost(&self) -> u64 {
        self.lost
    }

    /// The number of committed messages that the consumer has not given back, as far as its cursor can be believed.
    pub(crate) fn unread(&self) -> u64 {
        // Partner: the consumer's store in `release`; a number only.
        let cursor = self.memory.cursor().load(Ordering::Relaxed);
        self.next - cursor.clamp(self.cursor, self.next)
    }
}
