//! What a pace does with each message: a state machine, without a clock of its own.
//!
//! Each key that is in its period has a slot. Slots are linked in the order in which they are due. That is the order in which they were last
//! begun, since all wait equally long, or with `sample` until the same end; so nothing is sorted. A key that is due needs no slot any more, so
//! the room bounds the keys at the same time, not the keys ever.

use super::index::Index;
use super::{Moment, Pace, PaceCounts, PaceSpec};
use crate::time::{Ticks, nanos};

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<M> {
    /// It is handed over now.
    Pass,
    /// It waits, in place of an older one.
    Hold,
    /// It is dropped.
    Drop,
    /// It waits. This one has waited, and is handed over now.
    Late(M),
}

/// No slot.
const NONE: usize = usize::MAX;

#[derive(Clone, Debug)]
struct Slot<M> {
    key: u64,
    due: Ticks,
    held: Option<M>,
    /// Its neighbours in the order of due times, if it is in use; else only the next free one.
    before: usize,
    after: usize,
}

/// The pace of one receiver. `M` is the message, or `()` with `throttle`, which holds none.
#[derive(Clone, Debug)]
pub struct Paced<M> {
    spec: &'static PaceSpec,
    slots: Box<[Slot<M>]>,
    index: Index,
    /// The slots that are due first and last, and a free one.
    first: usize,
    last: usize,
    free: usize,
    /// The latest time so far: with a clock that is set back, time stands still until the clock has caught up.
    now: Ticks,
    counts: PaceCounts,
}

impl<M: Copy> Paced<M> {
    /// With the room that it will ever need. One that `is_here` on no lane has none, and is never asked.
    #[must_use]
    pub fn new(spec: &'static PaceSpec, is_here: bool) -> Self {
        let keys = if is_here { spec.keys } else { 0 };
        let slot = |index| Slot {
            key: 0,
            due: Ticks::NEVER,
            held: None,
            before: NONE,
            after: if index + 1 < keys { index + 1 } else { NONE },
        };
        let free = if keys > 0 { 0 } else { NONE };
        let (slots, index, counts) = ((0..keys).map(slot).collect(), Index::of(keys), PaceCounts::default());
        Self { spec, slots, index, first: NONE, last: NONE, free, now: Ticks(0), counts }
    }

    /// What is to be done with a message that comes now.
    #[inline]
    pub fn offer(&mut self, now: Moment, key: u64, message: &M) -> Verdict<M> {
        self.now = self.now.max(now.0);
        match self.index.find(key) {
            None => self.begin(key, message),
            Some(slot) if self.slots[slot].due <= self.now => self.begin_again(slot, message),
            Some(slot) => self.go_on(slot, message),
        }
    }

    /// The message that is due first, if it is due by then. To be called until there is none.
    #[inline]
    pub fn due(&mut self, by: Moment) -> Option<M> {
        let slot = self.slots.get(self.first).filter(|slot| self.holds() && slot.due <= by.0)?;
        let held = slot.held;
        self.end_first();
        held
    }

    /// When [`due`](Self::due) has something.
    #[inline]
    #[must_use]
    pub fn next_due(&self) -> Moment {
        let first = self.slots.get(self.first).filter(|_| self.holds());
        first.map_or(Moment::NEVER, |slot| Moment(slot.due))
    }

    /// The number of messages that wait.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.slots.iter().filter(|slot| slot.held.is_some()).count() as u64
    }

    /// Its description, and what it has counted; none if it is on another lane.
    #[must_use]
    pub fn counted(&self) -> Option<(&'static PaceSpec, PaceCounts)> {
        (!self.slots.is_empty()).then_some((self.spec, self.counts))
    }

    /// The first message of a key.
    fn begin(&mut self, key: u64, message: &M) -> Verdict<M> {
        // A period without a message is over by itself.
        let is_over = |slot: &Slot<M>| slot.due <= self.now && slot.held.is_none();
        if self.free == NONE && self.slots.get(self.first).is_some_and(is_over) {
            self.end_first();
        }
        if self.free == NONE {
            self.counts.too_many_keys += 1;
            return Verdict::Pass;
        }
        let slot = self.free;
        self.free = self.slots[slot].after;
        self.slots[slot].key = key;
        self.index.add(key, slot);
        self.append(slot);
        self.hold(slot, message)
    }

    /// The first message after a period that is over.
    fn begin_again(&mut self, slot: usize, message: &M) -> Verdict<M> {
        let late = self.slots[slot].held.take();
        self.unlink(slot);
        self.append(slot);
        let verdict = self.hold(slot, message);
        late.map_or(verdict, Verdict::Late)
    }

    /// A further message within a period.
    fn go_on(&mut self, slot: usize, message: &M) -> Verdict<M> {
        self.counts.thinned += 1;
        match self.spec.pace {
            Pace::Throttle(_) => return Verdict::Drop,
            Pace::Sample(_) => {}
            Pace::Debounce(_) => {
                self.unlink(slot);
                self.append(slot);
            }
        }
        self.hold(slot, message)
    }

    fn hold(&mut self, slot: usize, message: &M) -> Verdict<M> {
        if !self.holds() {
            return Verdict::Pass;
        }
        self.slots[slot].held = Some(*message);
        Verdict::Hold
    }

    fn holds(&self) -> bool {
        !matches!(self.spec.pace, Pace::Throttle(_))
    }

    /// When a period that begins now is over.
    fn end(&self) -> Ticks {
        match self.spec.pace {
            Pace::Sample(period) => {
                let period = nanos(period).max(1);
                Ticks((self.now.0 / period).saturating_add(1).saturating_mul(period))
            }
            Pace::Throttle(period) | Pace::Debounce(period) => self.now.after(period),
        }
    }

    /// Frees the slot that is due first.
    fn end_first(&mut self) {
        let slot = self.first;
        self.unlink(slot);
        self.index.remove(self.slots[slot].key);
        self.slots[slot].held = None;
        self.slots[slot].after = self.free;
        self.free = slot;
    }

    /// Begins the period of a slot.
    fn append(&mut self, slot: usize) {
        let (due, before) = (self.end(), self.last);
        let place = &mut self.slots[slot];
        (place.due, place.before, place.after) = (due, before, NONE);
        match self.slots.get_mut(before) {
            Some(before) => before.after = slot,
            None => self.first = slot,
        }
        self.last = slot;
    }

    fn unlink(&mut self, slot: usize) {
        let Slot { before, after, .. } = self.slots[slot];
        match self.slots.get_mut(before) {
            Some(before) => before.after = after,
            None => self.first = after,
        }
        match self.slots.get_mut(after) {
            Some(after) => after.before = before,
            None => self.last = before,
        }
    }
}
