//! The search for lanes that could wait for one another for ever.

use super::{Receiver, Solved, Topology};
use crate::link::OnFull;
use crate::routing::Text;

impl<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize>
    Solved<LANES, ROUTES, SERVICES, LINKS>
{
    /// Fails to compile if lanes could wait for one another in a circle: each of them full, and none taking anything in.
    #[track_caller]
    pub const fn check_cycles(&self, topology: &Topology) {
        let mut start = 0;
        while start < LANES {
            if let Some(before) = self.way_round(topology, start) {
                self.fail_cycle(topology, start, before);
            }
            start += 1;
        }
    }

    /// The route by which a lane may wait for another, if there is one.
    const fn waits_by(&self, topology: &Topology, from: usize, to: usize) -> Option<usize> {
        let mut route = 0;
        while route < ROUTES {
            if self.crosses(from, to, route) || self.queue_blocks(topology, from, to, route) {
                return Some(route);
            }
            route += 1;
        }
        None
    }

    const fn queue_blocks(&self, topology: &Topology, from: usize, to: usize, route: usize) -> bool {
        let receivers = topology.routes[route].receivers;
        let mut index = 0;
        while index < receivers.len() {
            if let Receiver::Queue(service, OnFull::Block) = receivers[index]
                && from != to
                && self.services[service] == to
                && self.emitted[from][route]
            {
                return true;
            }
            index += 1;
        }
        false
    }
    /// For each lane on a shortest way from `start` back to it, the lane before; none if there is no such way.
    const fn way_round(&self, topology: &Topology, start: usize) -> Option<[usize; LANES]> {
        let (mut before, mut queue, mut seen) = ([usize::MAX; LANES], [start; LANES], 1);
        let mut next = 0;
        while next < seen {
            let from = queue[next];
            let mut to = 0;
            while to < LANES {
                if before[to] == usize::MAX && self.waits_by(topology, from, to).is_some() {
                    before[to] = from;
                    if to == start {
                        return Some(before);
                    }
                    queue[seen] = to;
                    seen += 1;
                }
                to += 1;
            }
            next += 1;
        }
        None
    }

    #[track_caller]
    const fn fail_cycle(&self, topology: &Topology, start: usize, before: [usize; LANES]) {
        // The way was found backwards.
        let (mut after, mut to) = ([start; LANES], start);
        loop {
            let from = before[to];
            after[from] = to;
            to = from;
            if to == start {
                break;
            }
        }
        let mut text = Text::new().text("lanes could wait for each other for ever: ");
        let (mut from, mut last) = (start, 0);
        loop {
            let to = after[from];
            if let Some(route) = self.waits_by(topology, from, to) {
                last = route;
                text = text.name(topology.lanes[from]).text(" sends ").name(topology.routes[route].message.name);
                text = text.text(" to ").name(topology.lanes[to]);
            }
            from = to;
            if from == start {
                break;
            }
            text = text.text(", ");
        }
        let message = topology.routes[last].message.name;
        text = text.text("; let one of them not wait, such as `").text(message).text(" => [");
        let service = self.receiver_on(topology, last, start);
        text.text(service).text(" via queue(1024, on_full = drop_newest)]`, or put them on one lane").fail();
    }

    /// The name of a service on `lane` that gets the message of `route`.
    const fn receiver_on(&self, topology: &Topology, route: usize, lane: usize) -> &'static str {
        let receivers = topology.routes[route].receivers;
        let mut index = 0;
        while index < receivers.len() {
            if let Receiver::Service(service) | Receiver::Queue(service, _) = receivers[index]
                && self.services[service] == lane
            {
                return topology.services[service].name;
            }
            index += 1;
        }
        "…"
    }
}
