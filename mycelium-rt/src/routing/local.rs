use core::fmt;
use core::hint::cold_path;

use super::LocalStats;
use super::published::{PublishedLocals, raise};
use super::room::{HasRoom, Room};
use crate::policy::OnFull;

/// The most deliveries that follow one top-level call before the rest is given up.
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
    /// What happens to a message beyond that; never `block`.
    pub on_full: OnFull,
}

/// The queue of a router without `local` routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoLocal;

/// The queue behind all `local` routes of a router, in order of emission.
///
/// What waits is an enum with one variant per edge. The room `R` is for the sum of the edges' shares, so that an edge within its
/// share always finds room.
#[derive(Clone, Debug)]
pub struct LocalQueue<R, const EDGES: usize> {
    queue: R,
    used: [usize; EDGES],
    /// Messages that found no room, or made room for others.
    dropped: [u64; EDGES],
    /// Messages that waited when a drain was given up.
    abandoned: [u64; EDGES],
    drain_limits: u64,
    emissions: u32,
}

/// The queue of messages of type `T`.
pub type LocalQueueOf<T, const EDGES: usize> = LocalQueue<<T as HasRoom>::Room, EDGES>;

/// A message on its way: an enum with a variant for each edge, written by the macro.
pub trait Waiting {
    /// The index of the edge.
    fn edge(&self) -> usize;
    /// The emission that it is part of; always 0 where nothing ever takes messages back out of the queue.
    fn emission(&self) -> u32;
}

/// What a queue loses, as its router is asked for it.
pub trait Losses {
    /// Shows other threads what was lost by now.
    #[doc(hidden)]
    fn show(&self, published: &PublishedLocals);
    /// Drops what waits, and counts it as abandoned. Returns how many messages.
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
        let lost = self.dropped.into_iter().zip(self.abandoned);
        for (words, (dropped, abandoned)) in published.routes.iter().zip(lost) {
            let Some(words) = words else { continue };
            raise(&words.dropped, dropped);
            raise(&words.abandoned, abandoned);
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

/// The counters of a `local` route of which so many messages were dropped by policy, and so many given up.
pub(crate) fn local_stats(edge: &Edge, dropped: u64, abandoned: u64) -> LocalStats {
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
    }
}

/// What a drain does next.
#[derive(Debug)]
pub enum Next<T> {
    /// Deliver this message.
    Deliver(T),
    /// The queue is empty.
    Done,
    /// The queue was given up: that many messages were lost, the first of them on that edge.
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

/// How many deliveries one drain may still make.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u32);

impl Default for Budget {
    fn default() -> Self {
        Self(DRAIN_LIMIT)
    }
}

impl<R: Room, const EDGES: usize> Default for LocalQueue<R, EDGES> {
    fn default() -> Self {
        let (used, dropped, abandoned) = ([0; EDGES], [0; EDGES], [0; EDGES]);
        Self { queue: R::default(), used, dropped, abandoned, drain_limits: 0, emissions: 0 }
    }
}

impl<R: Room<Message: Waiting>, const EDGES: usize> LocalQueue<R, EDGES> {
    /// A number for one emitted message, which all its queued copies bear.
    #[inline(always)]
    pub fn begin_emission(&mut self) -> u32 {
        // Only compared with what waits in the queue, so that wrapping around does no harm.
        self.emissions = self.emissions.wrapping_add(1);
        self.emissions
    }

    /// Queues a message on the edge at `index`, unless its share is used up.
    ///
    /// A loss is counted without a call, so that a route on which nobody listens for losses stays free of calls.
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

    /// As [`push`](Self::push), but it is the oldest message of the edge that is lost if its share is used up.
    #[inline(always)]
    pub fn push_newest(&mut self, index: usize, edge: &Edge, message: R::Message) -> Result<(), Full> {
        if self.used.get(index).is_some_and(|used| *used >= edge.share) {
            cold_path();
            self.drop_oldest(index);
        }
        self.push(index, edge, message)
    }

    /// Drops the oldest message of an edge. It is the first of the queue unless other edges wait too; then it takes a pass
    /// over them.
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

    /// The oldest message, or why there is none to deliver. Who delivers it calls [`LocalQueue::arrived`] with its edge.
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

    /// Gives the place of a message back to its edge.
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

    /// How often a drain was given up.
    pub(super) fn drain_limits(&self) -> u64 {
        self.drain_limits
    }

    /// The counters of every edge.
    pub(super) fn stats(&self, edges: &[Edge; EDGES]) -> impl Iterator<Item = LocalStats> {
        let counts = self.dropped.into_iter().zip(self.abandoned);
        edges.iter().zip(counts).map(|(edge, (dropped, abandoned))| local_stats(edge, dropped, abandoned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::room::{Beside, Inline};

    const EDGES: [Edge; 2] = [
        Edge { message: "A", service: "x", share: 2, on_full: OnFull::DropOldest },
        Edge { message: "B", service: "y", share: 1, on_full: OnFull::Error },
    ];

    /// An edge, an emission and what is said.
    #[derive(Clone, Copy, Debug)]
    struct Note(usize, u32, u8);

    impl Waiting for Note {
        fn edge(&self) -> usize {
            self.0
        }

        fn emission(&self) -> u32 {
            self.1
        }
    }

    fn push(queue: &mut LocalQueue<impl Room<Message = Note>, 2>, edge: usize, emission: u32, message: u8) -> bool {
        queue.push(edge, &EDGES[edge], Note(edge, emission, message)).is_ok()
    }

    fn drained(queue: &mut LocalQueue<impl Room<Message = Note>, 2>) -> Vec<u8> {
        let mut budget = Budget::default();
        core::iter::from_fn(|| match queue.next(&mut budget) {
            Next::Deliver(note) => {
                queue.arrived(note.0);
                Some(note.2)
            }
            _ => None,
        })
        .collect()
    }

    fn lost(queue: &LocalQueue<impl Room<Message = Note>, 2>) -> Vec<u64> {
        queue.stats(&EDGES).map(|stats| stats.lost).collect()
    }

    macro_rules! in_both_rooms {
        ($($test:ident),* $(,)?) => {
            mod inline {
                $(#[test] fn $test() { super::$test::<super::Inline<super::Note, 3>>(); })*
            }
            mod beside {
                $(#[test] fn $test() { super::$test::<super::Beside<super::Note, 3>>(); })*
            }
        };
    }

    in_both_rooms! {
        messages_of_all_edges_come_out_in_order,
        an_edge_can_not_use_the_share_of_another,
        the_oldest_of_its_own_edge_makes_room,
        skipping_an_emission_frees_its_shares_and_keeps_the_rest,
        a_drain_without_end_is_given_up_and_counted,
    }

    fn messages_of_all_edges_come_out_in_order<R: Room<Message = Note>>() {
        let mut queue = LocalQueue::<R, 2>::default();
        assert!(push(&mut queue, 0, 1, 10) && push(&mut queue, 1, 2, 20) && push(&mut queue, 0, 3, 11));
        assert_eq!(drained(&mut queue), [10, 20, 11]);
    }

    fn an_edge_can_not_use_the_share_of_another<R: Room<Message = Note>>() {
        let mut queue = LocalQueue::<R, 2>::default();
        assert!(push(&mut queue, 0, 1, 10) && push(&mut queue, 0, 2, 11));
        assert!(!push(&mut queue, 0, 3, 12));
        assert!(push(&mut queue, 1, 4, 20));
        assert_eq!(lost(&queue), [1, 0]);
        assert_eq!(drained(&mut queue), [10, 11, 20]);
        assert!(push(&mut queue, 0, 5, 13), "draining frees the share");
    }

    fn the_oldest_of_its_own_edge_makes_room<R: Room<Message = Note>>() {
        let mut queue = LocalQueue::<R, 2>::default();
        let push_newest = |queue: &mut LocalQueue<R, 2>, message| {
            assert_eq!(queue.push_newest(0, &EDGES[0], Note(0, 0, message)), Ok(()));
        };
        assert!(push(&mut queue, 1, 0, 20));
        (10..=12).for_each(|message| push_newest(&mut queue, message));
        assert_eq!(drained(&mut queue), [20, 11, 12], "behind the message of another edge");
        (13..=16).for_each(|message| push_newest(&mut queue, message));
        assert_eq!(drained(&mut queue), [15, 16], "at the front");
        assert_eq!(lost(&queue), [3, 0]);
        let stats = queue.stats(&EDGES).next().unwrap();
        assert_eq!((stats.dropped_oldest, stats.dropped_newest, stats.dropped_error), (3, 0, 0));
    }

    fn skipping_an_emission_frees_its_shares_and_keeps_the_rest<R: Room<Message = Note>>() {
        let mut queue = LocalQueue::<R, 2>::default();
        assert!(push(&mut queue, 0, 7, 10) && push(&mut queue, 0, 8, 11) && push(&mut queue, 1, 7, 20));
        queue.skip(7);
        assert!(push(&mut queue, 1, 9, 21));
        assert_eq!(drained(&mut queue), [11, 21]);
        assert_eq!(lost(&queue), [0, 0]);
    }

    fn a_drain_without_end_is_given_up_and_counted<R: Room<Message = Note>>() {
        let mut queue = LocalQueue::<R, 2>::default();
        assert!(push(&mut queue, 1, 0, 20));
        let mut budget = Budget::default();
        let mut deliveries = 0;
        let first = loop {
            match queue.next(&mut budget) {
                Next::Deliver(note) => {
                    queue.arrived(note.0);
                    deliveries += 1;
                    assert!(push(&mut queue, 1, 0, note.2));
                }
                Next::Done => panic!("the queue never runs empty"),
                Next::GivenUp(first, abandoned) => {
                    assert_eq!(abandoned.to_string(), "draining stopped after 1000000 deliveries, messages lost: 1");
                    break first;
                }
            }
        };
        assert_eq!((deliveries, first, queue.drain_limits()), (DRAIN_LIMIT, 1, 1));
        assert_eq!(lost(&queue), [0, 1]);
        assert!(push(&mut queue, 1, 0, 21), "the share is free again");
    }
}
