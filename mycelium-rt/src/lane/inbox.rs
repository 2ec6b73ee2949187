//! The senders from outside that feed a lane.

use std::sync::Arc;

use super::dead_letter::LaneWatch;
use super::incoming::{Incoming, turn_all};
use super::rest::{Resting, Rings};
use super::sender::{Arrival, SenderRegistry, SenderSlot};
use super::system::{self, LaneProgram};
use crate::HandlerError;
use crate::link::Counters;
use crate::link::closing::Left;
use crate::routing::Origin;

/// The receiving ends of all senders that feed one lane.
#[derive(Debug)]
pub(super) struct Inbox {
    registries: Arc<SenderRegistry>,
    seen: usize,
    rings: Vec<(Incoming, Arc<SenderSlot>)>,
}

impl Inbox {
    pub(super) fn new(registries: Arc<SenderRegistry>) -> Self {
        Self { registries, seen: 0, rings: Vec::new() }
    }

    /// Hands over what has arrived, a bounded number of messages of each sender.
    #[inline]
    pub(super) fn turn<B: LaneProgram>(
        &mut self,
        body: &mut B,
        watch: LaneWatch<'_>,
        first: &mut Option<HandlerError>,
    ) -> usize {
        if self.registries.changes() != self.seen {
            self.let_in();
        }
        turn_all(self.rings.iter_mut().map(|(ring, _)| ring), body, watch, first)
    }

    #[cold]
    fn let_in(&mut self) {
        self.seen = self.registries.changes();
        let arrivals = self.registries.arrivals();
        self.add(arrivals);
    }

    fn add(&mut self, arrivals: Vec<Arrival>) {
        let ring = |consumer| Incoming::new(consumer, system::Arrival::Outside, Origin::Sender, Counters::default());
        self.rings.extend(arrivals.into_iter().map(|arrival| (ring(arrival.consumer), arrival.slot)));
    }

    /// Forgets senders that are gone and have nothing left. Called now and then.
    pub(super) fn sweep(&mut self) {
        let registries = &self.registries;
        self.rings.retain(|(ring, _)| {
            let over = ring.is_over();
            if over {
                registries.left();
            }
            !over
        });
    }

    /// Takes the sending ends away; false as long as a sender is just sending. What was sent stays to be taken.
    pub(super) fn try_close(&mut self) -> bool {
        let late = self.registries.shut();
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
        let late = self.registries.shut();
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
        self.registries.changes() == self.seen
    }
}

impl Rings for Inbox {
    fn all(&mut self, mut ask: impl FnMut(&mut Resting) -> bool) -> bool {
        self.rings.iter_mut().all(|(incoming, _)| ask(incoming.ring()))
    }
}
