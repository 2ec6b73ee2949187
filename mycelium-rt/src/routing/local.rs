//! The queue behind the `local` routes of a router, and what it loses.

use core::fmt;

use super::LocalStats;
use super::room::{HasRoom, Room};
use crate::counters::{Counter, Group, LaneWords, LocalWords};
use crate::policy::OnFull;

/// The most deliveries that follow one top-level call. The rest is dropped.
const DRAIN_LIMIT: u32 = 1_000_000;

/// One route `via local`.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The message's name.
    pub message: &'static str,
    /// The receiver's name in the router.
    pub service: &'static str,
    /// The most messages that may wait on this edge.
    pub share: usize,
    /// What happens to a message that exceeds it; never `block`.
    pub on_full: OnFull,
}

/// The queue of a router without `local` routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoLocal;

/// The queue behind all `local` routes of a router, in the order of emission.
///
/// What waits is an enum with one variant per edge. The room `R` holds the sum of the edges' shares, so that an edge within its
/// share always finds room.
#[derive(Clone, Debug)]
pub struct LocalQueue<R, const EDGES: usize> {
    queue: R,
    used: [usize; EDGES],
    /// Messages that found no room, or were dropped to make room for others.
    dropped: [u64; EDGES],
    /// Messages that waited when a drain stopped at its limit, or was abandoned.
    abandoned: [u64; EDGES],
    /// Messages that the `if` of a route turned away.
    filtered: [u64; EDGES],
    drain_limits: u64,
    emissions: u32,
}

/// The queue of messages of type `T`.
pub type LocalQueueOf<T, const EDGES: usize> = LocalQueue<<T as HasRoom>::Room, EDGES>;

/// A message on its way: an enum with a variant for each edge, written by the macro.
pub trait Waiting {
    /// The index of the edge.
    fn edge(&self) -> usize;
    /// The emission that it is part of; always 0 where messages are never taken back out of the queue.
    fn emission(&self) -> u32;
}

/// What the queue of a router loses.
pub trait Losses {
    /// Publishes to other threads what was lost so far.
    #[doc(hidden)]
    fn show(&self, published: &PublishedLocals);
    /// Drops what waits, and counts it as abandoned. Returns the number of messages.
    fn abandon(&mut self) -> u64;
}

impl Losses for NoLocal {
    fn show(&self, _: &PublishedLocals) {}

    fn abandon(&mut self) -> u64 {
        0
    }
}

impl<R: Room, const EDGES: usize> Losses for LocalQueue<R, EDGES> {
    fn show(&self, published: &PublishedLocals) {
        for (words, counted) in published.routes.iter().zip(self.counted()) {
            let Some(words) = words else { continue };
            raise(&words.dropped, counted.dropped);
            raise(&words.abandoned, counted.abandoned);
            raise(&words.filtered, counted.filtered);
        }
        raise(&published.lane.drain_limits, self.drain_limits);
    }

    fn abandon(&mut self) -> u64 {
        let messages = self.queue.len() as u64;
        for (abandoned, used) in self.abandoned.iter_mut().zip(&mut self.used) {
            *abandoned += core::mem::take(used) as u64;
        }
        self.queue.clear();
        messages
    }
}

/// What a `local` route has counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// By its policy.
    pub(crate) dropped: u64,
    pub(crate) abandoned: u64,
    pub(crate) filtered: u64,
}

impl Counted {
    /// What other threads see of it.
    pub(crate) fn published(words: &LocalWords) -> Self {
        Self { dropped: words.dropped.get(), abandoned: words.abandoned.get(), filtered: words.filtered.get() }
    }
}

/// The counters of a `local` route.
pub(crate) fn local_stats(edge: &Edge, counted: Counted) -> LocalStats {
    let Counted { dropped, abandoned, filtered } = counted;
    let by = |policy| if edge.on_full == policy { dropped } else { 0 };
    LocalStats {
        message: edge.message,
        service: edge.service,
        capacity: edge.share,
        lost: dropped + abandoned,
        dropped_newest: by(OnFull::DropNewest),
        dropped_oldest: by(OnFull::DropOldest),
        dropped_error: by(OnFull::Error),
        abandoned,
        filtered,
    }
}

/// What a drain does next.
#[derive(Debug)]
pub enum Next<T> {
    /// Deliver this message.
    Deliver(T),
    /// The queue is empty.
    Done,
    /// The drain reached its limit: these messages were lost, the first of them on this edge.
    GivenUp(usize, Abandoned),
}

/// The error of a drain that reached its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abandoned {
    messages: usize,
}

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "draining stopped after {DRAIN_LIMIT} deliveries, messages lost: {}", self.messages)
    }
}

/// The error of an edge without room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    share: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`local({})` is full, message lost", self.share)
    }
}

/// The number of deliveries that one drain may still make.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u32);

impl Default for Budget {
    fn default() -> Self {
        Self(DRAIN_LIMIT)
    }
}

impl<R: Room, const EDGES: usize> Default for LocalQueue<R, EDGES> {
    fn default() -> Self {
        let (used, dropped, abandoned, filtered) = ([0; EDGES], [0; EDGES], [0; EDGES], [0; EDGES]);
        Self { queue: R::default(), used, dropped, abandoned, filtered, drain_limits: 0, emissions: 0 }
    }
}

impl<R, const EDGES: usize> LocalQueue<R, EDGES> {
    /// The `if` of an edge has turned a message away.
    #[inline(always)]
    pub fn filtered(&mut self, index: usize) {
        if let Some(filtered) = self.filtered.get_mut(index) {
            *filtered += 1;
        }
    }

    fn counted(&self) -> impl Iterator<Item = Counted> {
        let counts = self.dropped.into_iter().zip(self.abandoned).zip(self.filtered);
        counts.map(|((dropped, abandoned), filtered)| Counted { dropped, abandoned, filtered })
    }
}

impl<R: Room<Message: Waiting>, const EDGES: usize> LocalQueue<R, EDGES> {
    /// A number for one emitted message, which all its queued copies carry.
    #[inline(always)]
    pub fn begin_emission(&mut self) -> u32 {
        // Only compared with what waits in the queue, so wrapping around does no harm.
        self.emissions = self.emissions.wrapping_add(1);
        self.emissions
    }

    /// Queues a message on the edge at `index`, unless its share is used up.
    ///
    /// A loss is counted without a call, so that a route without a hook for losses stays free of calls.
    #[inline(always)]
    pub fn push(&mut self, index: usize, edge: &Edge, message: R::Message) -> Result<(), Full> {
        if let Some(used) = self.used.get_mut(index)
            && *used < edge.share
            && self.queue.push(message).is_ok()
        {
            *used += 1;
            return Ok(());
        }
        cold_path();
        if let Some(dropped) = self.dropped.get_mut(index) {
            *dropped += 1;
        }
        Err(Full { share: edge.share })
    }

    /// As [`push`](Self::push), but if the share is used up, the oldest message of the edge is lost.
    #[inline(always)]
    pub fn push_newest(&mut self, index: usize, edge: &Edge, message: R::Message) -> Result<(), Full> {
        if self.used.get(index).is_some_and(|used| *used >= edge.share) {
            cold_path();
            self.drop_oldest(index);
        }
        self.push(index, edge, message)
    }

    /// Drops the oldest message of an edge. It is the first of the queue, unless messages of other edges wait, too; then it takes a pass
    /// over the queue.
    #[cold]
    #[inline(never)]
    fn drop_oldest(&mut self, index: usize) {
        let mut is_dropped = false;
        if self.queue.oldest().is_some_and(|oldest| oldest.edge() == index) {
            self.queue.pop();
            is_dropped = true;
        } else {
            self.queue.retain(|waiting| {
                let keep = is_dropped || waiting.edge() != index;
                is_dropped |= !keep;
                keep
            });
        }
        if let (true, Some(used), Some(dropped)) = (is_dropped, self.used.get_mut(index), self.dropped.get_mut(index)) {
            *used -= 1;
            *dropped += 1;
        }
    }

    /// The oldest message, or why there is none to deliver. The caller delivers it, and calls [`LocalQueue::arrived`] with its edge.
    #[inline(always)]
    pub fn next(&mut self, budget: &mut Budget) -> Next<R::Message> {
        if budget.0 == 0 {
            cold_path();
            return self.give_up();
        }
        let Some(message) = self.queue.pop() else { return Next::Done };
        budget.0 -= 1;
        Next::Deliver(message)
    }

    /// Returns the place of a message to its edge.
    #[inline(always)]
    pub fn arrived(&mut self, index: usize) {
        if let Some(used) = self.used.get_mut(index) {
            *used -= 1;
        }
    }

    /// Drops what still waits, and counts it.
    #[inline(always)]
    fn give_up(&mut self) -> Next<R::Message> {
        let messages = self.queue.len();
        let Some(first) = self.queue.oldest().map(Waiting::edge) else { return Next::Done };
        self.drain_limits += 1;
        for (abandoned, used) in self.abandoned.iter_mut().zip(&mut self.used) {
            *abandoned += *used as u64;
            *used = 0;
        }
        self.queue.clear();
        Next::GivenUp(first, Abandoned { messages })
    }

    /// Drops the remaining copies of a message whose handler failed: `stop` skips its other receivers.
    #[cold]
    #[inline(never)]
    pub fn skip(&mut self, emission: u32) {
        let used = &mut self.used;
        self.queue.retain(|waiting| {
            let keep = waiting.emission() != emission;
            if let Some(used) = used.get_mut(waiting.edge()).filter(|_| !keep) {
                *used -= 1;
            }
            keep
        });
    }

    /// The number of drains that stopped at their limit.
    pub(super) fn drain_limits(&self) -> u64 {
        self.drain_limits
    }

    /// The counters of every edge.
    pub(super) fn stats(&self, edges: &[Edge; EDGES]) -> impl Iterator<Item = LocalStats> {
        edges.iter().zip(self.counted()).map(|(edge, counted)| local_stats(edge, counted))
    }
}

/// The counters of the `local` routes of a router, as other threads read them.
#[derive(Clone, Debug)]
pub struct PublishedLocals {
    /// For each route, what its policy dropped, and what was abandoned; `None` for one on another lane.
    pub(crate) routes: Box<[Option<Group<LocalWords>>]>,
    /// Where drains that stopped at their limit are counted.
    pub(crate) lane: Group<LaneWords>,
}

/// Raises a counter to what its owner has counted elsewhere. Most often it has that value already, and is only read.
pub(crate) fn raise(counter: &Counter, to: u64) {
    let missing = to.saturating_sub(counter.get());
    if missing > 0 {
        counter.add(missing);
    }
}

/// Tells the compiler that the branch that calls it is taken seldom.
#[cold]
const fn cold_path() {}

#[cfg(test)]
mod tests;
