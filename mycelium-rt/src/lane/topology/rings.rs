//! Which messages go from lane to lane, and by which rings.

use super::{Receiver, Solved, Topology};
use crate::lane::spec::{RingKind, RingSpec};
use crate::link::{Batch, OnFull};

impl<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize>
    Solved<LANES, ROUTES, SERVICES, LINKS>
{
    /// Whether messages of this route go from one lane to the other without `via`.
    #[must_use]
    pub const fn crosses(&self, from: usize, to: usize, route: usize) -> bool {
        from != to && self.emitted[from][route] && self.shares[to][route]
    }

    /// The same where `from` may be no lane: the owner of a router passes nothing on.
    #[must_use]
    pub const fn passes(&self, from: usize, to: usize, route: usize) -> bool {
        from < LANES && self.crosses(from, to, route)
    }

    /// The size of the largest message that goes from one lane to the other without `via`; `None` if nothing does.
    #[must_use]
    pub const fn largest(&self, topology: &Topology, from: usize, to: usize) -> Option<usize> {
        let (mut largest, mut route) = (None, 0);
        while route < ROUTES {
            if self.crosses(from, to, route) {
                largest = Some(larger(largest, topology.routes[route].size));
            }
            route += 1;
        }
        largest
    }

    /// The size of the largest message that goes from a lane into the queue of a service on another; `None` if nothing does.
    #[must_use]
    pub const fn largest_queued(&self, topology: &Topology, from: usize, service: usize) -> Option<usize> {
        let (mut largest, mut route) = (None, 0);
        while route < ROUTES {
            let queued = topology.routes[route].queued_to(service).is_some();
            if queued && self.services[service] != from && self.emitted[from][route] {
                largest = Some(larger(largest, topology.routes[route].size));
            }
            route += 1;
        }
        largest
    }

    /// The ring from one lane to another, if anything goes that way.
    #[must_use]
    pub const fn ring(&self, topology: &Topology, from: usize, to: usize) -> Option<RingSpec> {
        match self.largest(topology, from, to) {
            Some(max_body) => Some(RingSpec { from, to, kind: RingKind::Implicit, max_body }),
            None => None,
        }
    }

    /// The ring from a lane into the queue of a service on another, if anything goes that way.
    #[must_use]
    pub const fn queue(&self, topology: &Topology, from: usize, service: usize, room: usize) -> Option<RingSpec> {
        let Some(max_body) = self.largest_queued(topology, from, service) else { return None };
        // Each send names its own policy.
        let kind = RingKind::Queue { service, room, on_full: OnFull::Block, batch: Batch::low_latency() };
        Some(RingSpec { from, to: self.services[service], kind, max_body })
    }

    /// All candidates for rings: from each lane to each lane, and from each lane into each of these queues, which are given as service and
    /// room. `RINGS` is their number.
    #[must_use]
    pub const fn rings<const RINGS: usize>(
        &self,
        topology: &Topology,
        queues: &[(usize, usize)],
    ) -> [Option<RingSpec>; RINGS] {
        let mut rings = [None; RINGS];
        let mut from = 0;
        while from < LANES {
            let mut to = 0;
            while to < LANES {
                rings[from * LANES + to] = self.ring(topology, from, to);
                to += 1;
            }
            let mut queue = 0;
            while queue < queues.len() {
                let (service, room) = queues[queue];
                rings[LANES * LANES + from * queues.len() + queue] = self.queue(topology, from, service, room);
                queue += 1;
            }
            from += 1;
        }
        rings
    }

    /// The index of the ring from one lane to another among [these](Self::rings); out of range where `from` is no lane.
    #[must_use]
    pub const fn ring_to(&self, from: usize, to: usize) -> usize {
        if from < LANES { from * LANES + to } else { usize::MAX }
    }

    /// The same for the ring into one of `queues` queues.
    #[must_use]
    pub const fn ring_into(&self, from: usize, queue: usize, queues: usize) -> usize {
        if from < LANES { LANES * LANES + from * queues + queue } else { usize::MAX }
    }

    /// Whether a lane has any receiver of a route, queues included.
    #[must_use]
    pub const fn receives(&self, topology: &Topology, lane: usize, route: usize) -> bool {
        let receivers = topology.routes[route].receivers;
        let mut index = 0;
        while index < receivers.len() {
            if let Receiver::Queue(service, _) = receivers[index]
                && self.services[service] == lane
            {
                return true;
            }
            index += 1;
        }
        self.shares[lane][route]
    }

    /// The number of lanes that have a receiver of a route.
    #[must_use]
    pub const fn receiving(&self, topology: &Topology, route: usize) -> usize {
        let (mut count, mut lane) = (0, 0);
        while lane < LANES {
            count += self.receives(topology, lane, route) as usize;
            lane += 1;
        }
        count
    }
}

const fn larger(size: Option<usize>, other: usize) -> usize {
    match size {
        Some(size) if size > other => size,
        _ => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::lane::spec::RingKind;
    use crate::lane::topology::{Receiver, RoutedTo, ServiceNode, Solved, Topology};
    use crate::link::OnFull;
    use crate::routing::{MessageRef, Source};

    const A: MessageRef = MessageRef { id: 1, name: "A" };
    const B: MessageRef = MessageRef { id: 2, name: "B" };

    /// Two lanes: what `hot` emits goes to `cold`, once directly and once through a queue.
    static TOPOLOGY: Topology = Topology {
        lanes: &["hot", "cold"],
        services: &[
            ServiceNode {
                name: "emitter",
                lane: Some(0),
                handled: &[],
                sources: &[Source { method: "next", weight: 1, emits: &[A, B] }],
                timers: &[],
            },
            ServiceNode { name: "receiver", lane: Some(1), handled: &[], sources: &[], timers: &[] },
        ],
        routes: &[
            RoutedTo { message: A, size: 8, receivers: &[Receiver::Service(1)] },
            RoutedTo { message: B, size: 16, receivers: &[Receiver::Queue(1, OnFull::Block)] },
        ],
        inputs: &[],
        links: &[],
    };
    const SOLVED: Solved<2, 2, 2, 0> = Solved::of(&TOPOLOGY);

    #[test]
    fn messages_pass_from_lanes_and_never_from_an_owner() {
        assert!(SOLVED.passes(0, 1, 0));
        for (from, to, route) in [(1, 1, 0), (1, 0, 0), (0, 1, 1), (usize::MAX, 1, 0)] {
            assert!(!SOLVED.passes(from, to, route), "{from} {to} {route}");
        }
    }

    #[test]
    fn each_ring_is_found_at_its_index() {
        let rings = SOLVED.rings::<6>(&TOPOLOGY, &[(1, 64)]);
        let there: Vec<_> =
            rings.iter().enumerate().filter(|(_, ring)| ring.is_some()).map(|(index, _)| index).collect();
        assert_eq!(there, [SOLVED.ring_to(0, 1), SOLVED.ring_into(0, 0, 1)]);
        assert!(matches!(rings[there[0]], Some(ring) if ring.max_body == 8 && ring.to == 1));
        assert!(
            matches!(rings[there[1]], Some(ring) if matches!(ring.kind, RingKind::Queue { service: 1, room: 64, .. }))
        );
        assert!(SOLVED.ring_to(usize::MAX, 1) >= rings.len() && SOLVED.ring_into(usize::MAX, 0, 1) >= rings.len());
    }
}
