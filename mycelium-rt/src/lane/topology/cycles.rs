//! The search for lanes that could wait for each other for ever.

use super::{Receiver, Solved, Topology};
use crate::link::OnFull;
use crate::routing::Text;

/// Makes one lane wait for another: a receiver of a message.
#[derive(Clone, Copy, Debug)]
pub struct WaitFor {
    from: usize,
    to: usize,
    route: usize,
    /// Its index among the receivers of the route.
    receiver: usize,
}

impl<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize>
    Solved<LANES, ROUTES, SERVICES, LINKS>
{
    /// The wait that closes a cycle of lanes: the rings of each could be full while each waits for the next. Of all waits in the cycle it is
    /// the one that is easiest to avoid.
    #[must_use]
    pub const fn circle(&self, topology: &Topology) -> Option<WaitFor> {
        let (waits, mut start) = (self.waiting(topology), 0);
        while start < LANES {
            if let Some(before) = Self::cycle_from(&waits, start) {
                return self.easiest(topology, start, before);
            }
            start += 1;
        }
        None
    }

    /// Fails to compile if `closing` is at this receiver of this route.
    #[track_caller]
    pub const fn check_circle(&self, topology: &Topology, closing: Option<WaitFor>, route: usize, receiver: usize) {
        if let Some(wait) = closing
            && wait.route == route
            && wait.receiver == receiver
        {
            self.fail_cycle(topology, wait);
        }
    }

    /// By what one lane may wait for another, if it may: of several waits the one that is easiest to avoid.
    const fn wait(&self, topology: &Topology, from: usize, to: usize) -> Option<WaitFor> {
        let (mut found, mut effort) = (None, usize::MAX);
        let mut route = 0;
        while route < ROUTES {
            let mut receiver = 0;
            while receiver < topology.routes[route].receivers.len() {
                let wait = WaitFor { from, to, route, receiver };
                if self.waits(topology, wait) && wait.effort(topology) < effort {
                    (found, effort) = (Some(wait), wait.effort(topology));
                }
                receiver += 1;
            }
            route += 1;
        }
        found
    }

    const fn waits(&self, topology: &Topology, wait: WaitFor) -> bool {
        match self.awaited(wait.receiver_of(topology)) {
            Some(home) => wait.from != wait.to && home == wait.to && self.emitted[wait.from][wait.route],
            None => false,
        }
    }

    /// The lane for which a sender to this receiver may have to wait.
    const fn awaited(&self, receiver: Receiver) -> Option<usize> {
        match receiver {
            Receiver::Service(service) | Receiver::Task(service) | Receiver::Queue(service, OnFull::Block) => {
                Some(self.services[service])
            }
            Receiver::Link(link) => Some(self.links[link]),
            Receiver::Queue(..) => None,
        }
    }

    /// Whether anything else makes the lane wait for the same one.
    const fn has_alternatives(&self, topology: &Topology, wait: WaitFor) -> bool {
        let mut route = 0;
        while route < ROUTES {
            let mut receiver = 0;
            while receiver < topology.routes[route].receivers.len() {
                let is_it = route == wait.route && receiver == wait.receiver;
                if !is_it && self.waits(topology, WaitFor { route, receiver, ..wait }) {
                    return true;
                }
                receiver += 1;
            }
            route += 1;
        }
        false
    }

    /// Whether each lane may wait for each other lane.
    const fn waiting(&self, topology: &Topology) -> [[bool; LANES]; LANES] {
        let (mut waits, mut route) = ([[false; LANES]; LANES], 0);
        while route < ROUTES {
            let mut receiver = 0;
            while receiver < topology.routes[route].receivers.len() {
                if let Some(to) = self.awaited(topology.routes[route].receivers[receiver]) {
                    let mut from = 0;
                    while from < LANES {
                        if from != to && self.emitted[from][route] {
                            waits[from][to] = true;
                        }
                        from += 1;
                    }
                }
                receiver += 1;
            }
            route += 1;
        }
        waits
    }

    /// For each lane on a shortest path from `start` back to itself, the lane before it; `None` if there is no such path.
    const fn cycle_from(waits: &[[bool; LANES]; LANES], start: usize) -> Option<[usize; LANES]> {
        let (mut before, mut queue, mut seen) = ([usize::MAX; LANES], [start; LANES], 1);
        let mut next = 0;
        while next < seen {
            let from = queue[next];
            let mut to = 0;
            while to < LANES {
                if before[to] == usize::MAX && waits[from][to] {
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

    const fn easiest(&self, topology: &Topology, start: usize, before: [usize; LANES]) -> Option<WaitFor> {
        let (mut found, mut effort) = (None, usize::MAX);
        // The path is walked backwards, so that of equals it is the last one that closes it.
        let mut to = start;
        loop {
            let from = before[to];
            if let Some(wait) = self.wait(topology, from, to)
                && wait.effort(topology) < effort
            {
                (found, effort) = (Some(wait), wait.effort(topology));
            }
            to = from;
            if to == start {
                return found;
            }
        }
    }

    #[track_caller]
    const fn fail_cycle(&self, topology: &Topology, closing: WaitFor) {
        let mut text = Text::new().text("lanes could wait for each other for ever: ");
        // From where the cycle is closed, so that this wait is named last.
        if let Some(before) = Self::cycle_from(&self.waiting(topology), closing.to) {
            let (mut after, mut to) = ([closing.to; LANES], closing.to);
            loop {
                let from = before[to];
                after[from] = to;
                to = from;
                if to == closing.to {
                    break;
                }
            }
            let mut from = closing.to;
            while from != closing.from {
                if let Some(wait) = self.wait(topology, from, after[from]) {
                    text = wait.describe(topology, text).text("; ");
                }
                from = after[from];
            }
        }
        text = closing.describe(topology, text).text("; to break the cycle, ");
        closing.suggest(topology, text, self.has_alternatives(topology, closing)).fail();
    }
}

impl WaitFor {
    const fn receiver_of(self, topology: &Topology) -> Receiver {
        topology.routes[self.route].receivers[self.receiver]
    }

    /// How hard it is to avoid.
    const fn effort(self, topology: &Topology) -> usize {
        match self.receiver_of(topology) {
            Receiver::Queue(..) => 0,
            Receiver::Service(_) => 1,
            Receiver::Task(_) | Receiver::Link(_) => 2,
        }
    }

    const fn message(self, topology: &Topology) -> &'static str {
        topology.routes[self.route].message.name
    }

    /// "`hot` sends `Signal` to `cold`, where `risk` is", and why.
    const fn describe(self, topology: &Topology, text: Text) -> Text {
        let text = text.name(topology.lanes[self.from]).text(" sends ").name(self.message(topology));
        let text = text.text(" to ").name(topology.lanes[self.to]);
        match self.receiver_of(topology) {
            Receiver::Service(service) => text.text(", the lane of ").name(topology.services[service].name),
            Receiver::Queue(service, _) => text
                .text(", into the queue of ")
                .name(topology.services[service].name)
                .text(", which blocks when it is full"),
            Receiver::Task(service) => {
                let text = text.text(", where the task of ").name(topology.services[service].name);
                text.text(" lives, since it is the first lane that sends to it")
            }
            Receiver::Link(link) => text
                .text(", where the link ")
                .name(topology.links[link])
                .text(" lives, since it is the first lane that sends to it"),
        }
    }

    /// What would break the cycle. No cycle consists of links and tasks alone: they live on the first lane that sends to them, so they only
    /// ever make a later lane wait for an earlier one.
    const fn suggest(self, topology: &Topology, text: Text, has_alternatives: bool) -> Text {
        let text = match self.receiver_of(topology) {
            Receiver::Service(service) => {
                let text = text.text("write `").text(topology.services[service].name);
                text.text(" via queue(1024, on_full = drop_newest)` in the route of ").name(self.message(topology))
            }
            Receiver::Queue(service, _) => {
                let text =
                    text.text("set `on_full = drop_newest` on the queue of ").name(topology.services[service].name);
                text.text(" in the route of ").name(self.message(topology))
            }
            Receiver::Task(_) | Receiver::Link(_) => text,
        };
        let text = match has_alternatives {
            true => {
                let text = text.text(", likewise for the other messages from ").name(topology.lanes[self.from]);
                text.text(" to ").name(topology.lanes[self.to])
            }
            false => text,
        };
        text.text(", or put the services of these lanes on one lane")
    }
}
