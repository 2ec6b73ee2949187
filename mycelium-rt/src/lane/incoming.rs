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

/// The most messages that one ring delivers in one turn, so that it does not starve anything else.
pub(super) const TURN: usize = 64;

/// The receiving end of a ring into a lane.
#[derive(Debug)]
pub(super) struct Incoming {
    ring: Resting,
    arrival: Arrival,
    origin: Origin,
    /// The number of messages taken, ever. Published in `counters` after each turn.
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

    /// Hands what has arrived to `body`, up to the bound of a turn, or the cutoff. Returns the number of messages.
    ///
    /// With `on_error: propagate` it stops at an error, which goes to `first`; later messages stay in the ring.
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
            let in_flight = watch.begin(*origin, frame.type_id, frame.body, 1);
            body.arrived(*arrival, frame.type_id, Handed::new(frame.body), *origin, watch, first);
            let failed = B::PROPAGATES && first.is_some();
            watch.complete(in_flight, failed);
            if failed || !watch.goes_on() { Err(()) } else { Ok(()) }
        });
        let count = (self.taken - before) as usize;
        if count > 0 {
            // After an error nothing is gathered: that was delivered before the message that failed.
            body.gathered(self.origin, watch, first);
            self.publish();
        }
        count
    }

    /// Publishes to other threads what was taken, including what a panic has kept from being published.
    pub(super) fn publish(&mut self) {
        self.counters.received.add(self.taken - self.published);
        self.counters.gaps.add(std::mem::take(&mut self.gaps));
        self.published = self.taken;
    }

    /// Whether nothing is left and nothing more can arrive.
    pub(super) fn is_over(&self) -> bool {
        self.ring.consumer.is_closed() && !self.ring.consumer.has_message()
    }

    /// The ring, to sleep on.
    pub(super) fn ring(&mut self) -> &mut Resting {
        &mut self.ring
    }
}

/// Delivers what has arrived on each of these rings. With `on_error: propagate`, rings after one that failed wait for the next turn.
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

    /// Delivers what has arrived, a bounded number of messages of each sender.
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
        let new = self.registry.take_new();
        self.add(new);
    }

    fn add(&mut self, new: Vec<NewSender>) {
        let ring = |consumer| Incoming::new(consumer, Arrival::Outside, Origin::Sender, Counters::default());
        self.rings.extend(new.into_iter().map(|sender| (ring(sender.consumer), sender.slot)));
    }

    /// Removes senders that are gone and have nothing left. Called from time to time.
    pub(super) fn sweep(&mut self) {
        let registry = &self.registry;
        self.rings.retain(|(ring, _)| {
            let over = ring.is_over();
            if over {
                registry.release();
            }
            !over
        });
    }

    /// Takes the sending ends away; false while any sender is within a send. What was sent can still be taken.
    pub(super) fn try_close(&mut self) -> bool {
        let late = self.registry.close();
        self.add(late);
        // All of them, also after one that failed, so that the others stop.
        self.rings.iter().filter(|(_, slot)| !slot.try_close()).count() == 0
    }

    /// Whether no one can send any more, and nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.rings.iter().all(|(ring, _)| ring.is_over())
    }

    /// Closes all rings, and adds what is in them to `left`.
    pub(super) fn close(mut self, left: &mut Left) {
        let late = self.registry.close();
        self.add(late);
        for (mut ring, slot) in self.rings {
            ring.publish();
            let taken = ring.taken();
            // A sender that waits for room must find this end gone before its slot can be closed.
            drop(ring);
            slot.close();
            left.add("senders", slot.sent().saturating_sub(taken));
        }
    }

    pub(super) fn publish(&mut self) {
        self.rings.iter_mut().for_each(|(ring, _)| ring.publish());
    }

    /// Whether no sender has been added since the last turn. To be called once the waker of the lane is armed: a later sender notifies it.
    pub(super) fn is_known(&self) -> bool {
        self.registry.changes() == self.seen
    }
}

impl Rings for Inbox {
    fn all(&mut self, mut ask: impl FnMut(&mut Resting) -> bool) -> bool {
        self.rings.iter_mut().all(|(incoming, _)| ask(incoming.ring()))
    }
}
