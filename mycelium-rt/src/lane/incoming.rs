//! The receiving ends of the rings into a lane: from other lanes, and from senders outside of the system.

use std::sync::Arc;

use super::dead_letter::LaneWatch;
use super::program::{Arrival, LaneProgram};
use super::rest::{Resting, Rings};
use super::sender::{NewSender, SenderRegistry, SenderSlot};
use crate::HandlerError;
use crate::link::Counters;
use crate::link::closing::Left;
use crate::ring::Consumer;
use crate::routing::turn::Watch;
use crate::routing::{Handed, Origin};

/// Messages that one ring may deliver in one turn, so that none starves what else the lane looks at.
pub(super) const TURN: usize = 64;

/// A ring, with what the lane knows about it.
#[derive(Debug)]
pub(super) struct Incoming {
    ring: Resting,
    arrival: Arrival,
    origin: Origin,
    /// Messages taken, ever. Published in `counters` after each turn.
    taken: u64,
    published: u64,
    gaps: u64,
    counters: Counters,
}

impl Incoming {
    pub(super) fn new(consumer: Consumer, arrival: Arrival, origin: Origin, counters: Counters) -> Self {
        let ring = Resting::new(consumer);
        Self { ring, arrival, origin, taken: 0, published: 0, gaps: 0, counters }
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Hands what has arrived to `body`, up to the bound of a turn, or the cutoff. Returns how many messages that were.
    ///
    /// With `on_error: propagate` it stops at an error, which goes to `first`; messages behind it stay in the ring.
    #[inline]
    pub(super) fn turn<B: LaneProgram>(
        &mut self,
        body: &mut B,
        watch: LaneWatch<'_>,
        first: &mut Option<HandlerError>,
    ) -> usize {
        if !watch.goes_on() {
            return 0;
        }
        let Self { ring, arrival, origin, taken, gaps, .. } = self;
        let before = *taken;
        let _ = ring.consumer.try_poll(TURN, |frame| {
            *taken += 1;
            *gaps += u64::from(frame.lost);
            let under_way = watch.begin(*origin, frame.type_id, frame.body, 1);
            body.arrived(*arrival, frame.type_id, Handed::new(frame.body), *origin, watch, first);
            let failed = B::PROPAGATES && first.is_some();
            watch.complete(under_way, failed);
            if failed || !watch.goes_on() { Err(()) } else { Ok(()) }
        });
        let count = (self.taken - before) as usize;
        if count > 0 {
            // After an error nothing waits there: what had been gathered was handed over before the message that failed.
            body.gathered(self.origin, watch, first);
            self.publish();
        }
        count
    }

    /// Shows other threads what was taken; also what a panic has kept from being shown.
    pub(super) fn publish(&mut self) {
        self.counters.received.add(self.taken - self.published);
        self.counters.gaps.add(std::mem::take(&mut self.gaps));
        self.published = self.taken;
    }

    /// Whether nothing is left and nothing can come any more.
    pub(super) fn is_over(&self) -> bool {
        self.ring.consumer.is_closed() && !self.ring.consumer.has_message()
    }

    /// The ring, to sleep on.
    pub(super) fn ring(&mut self) -> &mut Resting {
        &mut self.ring
    }
}

/// Hands over what has arrived on each of these rings. With `on_error: propagate` those behind one that failed wait for the next turn.
#[inline]
pub(super) fn turn_all<'a, B: LaneProgram>(
    rings: impl Iterator<Item = &'a mut Incoming>,
    body: &mut B,
    watch: LaneWatch<'_>,
    first: &mut Option<HandlerError>,
) -> usize {
    let mut taken = 0;
    for ring in rings {
        taken += ring.turn(body, watch, first);
        if B::PROPAGATES && first.is_some() {
            break;
        }
    }
    taken
}

/// The receiving ends of all senders that feed one lane.
#[derive(Debug)]
pub(super) struct Inbox {
    registry: Arc<SenderRegistry>,
    seen: usize,
    rings: Vec<(Incoming, Arc<SenderSlot>)>,
}

impl Inbox {
    pub(super) fn new(registry: Arc<SenderRegistry>) -> Self {
        Self { registry, seen: 0, rings: Vec::new() }
    }

    /// Hands over what has arrived, a bounded number of messages of each sender.
    #[inline]
    pub(super) fn turn<B: LaneProgram>(
        &mut self,
        body: &mut B,
        watch: LaneWatch<'_>,
        first: &mut Option<HandlerError>,
    ) -> usize {
        if self.registry.changes() != self.seen {
            self.admit();
        }
        turn_all(self.rings.iter_mut().map(|(ring, _)| ring), body, watch, first)
    }

    #[cold]
    fn admit(&mut self) {
        self.seen = self.registry.changes();
        let arrivals = self.registry.arrivals();
        self.add(arrivals);
    }

    fn add(&mut self, arrivals: Vec<NewSender>) {
        let ring = |consumer| Incoming::new(consumer, Arrival::Outside, Origin::Sender, Counters::default());
        self.rings.extend(arrivals.into_iter().map(|arrival| (ring(arrival.consumer), arrival.slot)));
    }

    /// Forgets senders that are gone and have nothing left. Called now and then.
    pub(super) fn sweep(&mut self) {
        let registry = &self.registry;
        self.rings.retain(|(ring, _)| {
            let over = ring.is_over();
            if over {
                registry.left();
            }
            !over
        });
    }

    /// Takes the sending ends away; false as long as a sender is just sending. What was sent stays to be taken.
    pub(super) fn try_close(&mut self) -> bool {
        let late = self.registry.shut();
        self.add(late);
        // All of them, also after one that failed: the others need not go on.
        self.rings.iter().filter(|(_, slot)| !slot.try_close()).count() == 0
    }

    /// Whether nobody can send and nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.rings.iter().all(|(ring, _)| ring.is_over())
    }

    /// Ends all rings, whatever is in them, and adds that to `left`.
    pub(super) fn close(mut self, left: &mut Left) {
        let late = self.registry.shut();
        self.add(late);
        for (mut ring, slot) in self.rings {
            ring.publish();
            let taken = ring.taken();
            // A sender that waits for room must find the other end gone before its slot can be closed.
            drop(ring);
            slot.close();
            left.add("senders", slot.sent().saturating_sub(taken));
        }
    }

    pub(super) fn publish(&mut self) {
        self.rings.iter_mut().for_each(|(ring, _)| ring.publish());
    }

    /// Whether nobody has come to the door since the last turn. To be asked once the lane's notifier is armed: who comes later rings it.
    pub(super) fn is_known(&self) -> bool {
        self.registry.changes() == self.seen
    }
}

impl Rings for Inbox {
    fn all(&mut self, mut ask: impl FnMut(&mut Resting) -> bool) -> bool {
        self.rings.iter_mut().all(|(incoming, _)| ask(incoming.ring()))
    }
}
