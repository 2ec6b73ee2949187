//! Which lanes send to which: found at compile time, from what services emit and where they live.

use super::spec::{RingKind, RingSpec};
use crate::link::Batch;
use crate::link::OnFull;
use crate::routing::{Handled, MessageRef, Source, Text, Timer, contains};

/// A router with lanes as `routing_config!` describes it; all numbers are indices.
#[derive(Clone, Copy, Debug)]
pub struct Topology {
    /// The names of the lanes.
    pub lanes: &'static [&'static str],
    /// All services, in declared order.
    pub services: &'static [Inhabitant],
    /// All routes.
    pub routes: &'static [RoutedTo],
    /// All inputs.
    pub inputs: &'static [Brought],
}

/// A service, and where it lives.
#[derive(Clone, Copy, Debug)]
pub struct Inhabitant {
    /// Its name.
    pub name: &'static str,
    /// Its lane; none for one behind a task.
    pub lane: Option<usize>,
    /// Its handlers.
    pub handled: &'static [Handled],
    /// Its sources.
    pub sources: &'static [Source],
    /// Its timers.
    pub timers: &'static [Timer],
}

/// A message, and who gets it.
#[derive(Clone, Copy, Debug)]
pub struct RoutedTo {
    /// The message.
    pub message: MessageRef,
    /// Its size in bytes.
    pub size: usize,
    /// Its receivers, in order.
    pub receivers: &'static [Receiver],
}

/// A receiver of a message.
#[derive(Clone, Copy, Debug)]
pub enum Receiver {
    /// A service that its lane calls, directly or `via local`.
    Service(usize),
    /// A service behind a queue, which is a ring of its own for each other lane that sends into it.
    Queue(usize, OnFull),
    /// A service behind a task.
    Task(usize),
    /// A link.
    Link(usize),
}

/// What an input brings.
#[derive(Clone, Copy, Debug)]
pub struct Brought {
    /// The lane that polls it.
    pub lane: usize,
    /// The routes of its messages.
    pub routes: &'static [usize],
}

/// What follows from a [`Topology`].
#[derive(Clone, Copy, Debug)]
pub struct Solved<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize> {
    /// What may be emitted on each lane.
    pub emitted: [[bool; ROUTES]; LANES],
    /// Who looks after each service: its lane, or that of its task.
    pub services: [usize; SERVICES],
    /// Where each link lives: the first lane that sends to it.
    pub links: [usize; LINKS],
    /// Where each message has receivers that the lane itself hands it to.
    pub shares: [[bool; ROUTES]; LANES],
}

impl<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize>
    Solved<LANES, ROUTES, SERVICES, LINKS>
{
    /// Finds all of it. The four numbers are the lengths of the description's lists, and the number of links.
    #[must_use]
    pub const fn of(topology: &Topology) -> Self {
        let mut solved = Self {
            emitted: [[false; ROUTES]; LANES],
            services: [0; SERVICES],
            links: [0; LINKS],
            shares: [[false; ROUTES]; LANES],
        };
        solved.place_inputs(topology);
        solved.place_services(topology);
        solved.place_tasks(topology);
        let mut link = 0;
        while link < LINKS {
            solved.links[link] = solved.first_sender(topology, Receiver::Link(link));
            link += 1;
        }
        solved.find_shares(topology);
        solved
    }

    const fn place_inputs(&mut self, topology: &Topology) {
        let mut index = 0;
        while index < topology.inputs.len() {
            let input = topology.inputs[index];
            let mut brought = 0;
            while brought < input.routes.len() {
                self.emitted[input.lane][input.routes[brought]] = true;
                brought += 1;
            }
            index += 1;
        }
    }

    const fn place_services(&mut self, topology: &Topology) {
        let mut service = 0;
        while service < SERVICES {
            if let Some(lane) = topology.services[service].lane {
                self.place(topology, service, lane);
            }
            service += 1;
        }
    }

    /// A task may get its messages from another, so the homes of those that some lane sends to are found first.
    const fn place_tasks(&mut self, topology: &Topology) {
        let mut placed = [false; SERVICES];
        let mut round = 0;
        while round <= SERVICES {
            let mut service = 0;
            while service < SERVICES {
                let is_task = topology.services[service].lane.is_none();
                let to = Receiver::Task(service);
                // In the last round those are left that nobody sends to: they stay on the first lane.
                if is_task && !placed[service] && (round == SERVICES || self.is_sent_to(topology, to)) {
                    let lane = self.first_sender(topology, to);
                    self.place(topology, service, lane);
                    placed[service] = true;
                }
                service += 1;
            }
            round += 1;
        }
    }

    /// What a service emits is emitted on its lane; what a task emits comes in on the lane that looks after it.
    const fn place(&mut self, topology: &Topology, service: usize, lane: usize) {
        self.services[service] = lane;
        let mut route = 0;
        while route < ROUTES {
            if topology.services[service].emits(topology.routes[route].message.id) {
                self.emitted[lane][route] = true;
            }
            route += 1;
        }
    }

    const fn is_sent_to(&self, topology: &Topology, receiver: Receiver) -> bool {
        let lane = self.first_sender(topology, receiver);
        self.sends_to(topology, lane, receiver)
    }

    /// The first lane on which something is emitted that is routed to `receiver`, else the first of all.
    const fn first_sender(&self, topology: &Topology, receiver: Receiver) -> usize {
        let mut lane = 0;
        while lane < LANES {
            if self.sends_to(topology, lane, receiver) {
                return lane;
            }
            lane += 1;
        }
        0
    }

    const fn sends_to(&self, topology: &Topology, lane: usize, receiver: Receiver) -> bool {
        let mut route = 0;
        while route < ROUTES {
            if self.emitted[lane][route] && topology.routes[route].leads_to(receiver) {
                return true;
            }
            route += 1;
        }
        false
    }

    const fn find_shares(&mut self, topology: &Topology) {
        let mut route = 0;
        while route < ROUTES {
            let receivers = topology.routes[route].receivers;
            let mut index = 0;
            while index < receivers.len() {
                if let Some(lane) = self.home(receivers[index]) {
                    self.shares[lane][route] = true;
                }
                index += 1;
            }
            route += 1;
        }
    }

    /// The lane that hands messages to this receiver; a queue takes them by itself.
    const fn home(&self, receiver: Receiver) -> Option<usize> {
        match receiver {
            Receiver::Service(service) | Receiver::Task(service) => Some(self.services[service]),
            Receiver::Link(link) => Some(self.links[link]),
            Receiver::Queue(..) => None,
        }
    }

    /// Whether messages of this route go from one lane to the other without `via`.
    #[must_use]
    pub const fn crosses(&self, from: usize, to: usize, route: usize) -> bool {
        from != to && self.emitted[from][route] && self.shares[to][route]
    }

    /// The size of the largest message that goes from one lane to the other without `via`; none if nothing does.
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

    /// The size of the largest message that goes from a lane into the queue of a service of another; none if nothing does.
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

    /// The ring from a lane into the queue of a service of another, if anything goes that way.
    #[must_use]
    pub const fn queue(&self, topology: &Topology, from: usize, service: usize, room: usize) -> Option<RingSpec> {
        let Some(max_body) = self.largest_queued(topology, from, service) else { return None };
        // Each send says its own policy.
        let kind = RingKind::Queue { service, room, on_full: OnFull::Block, batch: Batch::low_latency() };
        Some(RingSpec { from, to: self.services[service], kind, max_body })
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

    /// How many lanes have a receiver of a route.
    #[must_use]
    pub const fn receiving(&self, topology: &Topology, route: usize) -> usize {
        let (mut count, mut lane) = (0, 0);
        while lane < LANES {
            count += self.receives(topology, lane, route) as usize;
            lane += 1;
        }
        count
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

impl Topology {
    /// Whether, in one thread, messages would have to go back to `service` from a later one that lives on another lane.
    #[must_use]
    pub const fn comes_back(&self, service: usize) -> bool {
        let mut route = 0;
        while route < self.routes.len() {
            let routed = self.routes[route];
            let mut emitter = service + 1;
            while emitter < self.services.len() && routed.leads_to(Receiver::Service(service)) {
                let emits = self.services[emitter].emits(routed.message.id);
                if emits && self.are_apart(service, emitter) {
                    return true;
                }
                emitter += 1;
            }
            route += 1;
        }
        false
    }

    const fn are_apart(&self, service: usize, other: usize) -> bool {
        match (self.services[service].lane, self.services[other].lane) {
            (Some(lane), Some(other)) => lane != other,
            _ => false,
        }
    }
}

impl Inhabitant {
    const fn emits(&self, id: u16) -> bool {
        let mut index = 0;
        while index < self.handled.len() {
            if contains(self.handled[index].emits, id) {
                return true;
            }
            index += 1;
        }
        index = 0;
        while index < self.sources.len() {
            if contains(self.sources[index].emits, id) {
                return true;
            }
            index += 1;
        }
        index = 0;
        while index < self.timers.len() {
            if contains(self.timers[index].emits, id) {
                return true;
            }
            index += 1;
        }
        false
    }
}

impl RoutedTo {
    const fn leads_to(&self, receiver: Receiver) -> bool {
        let mut index = 0;
        while index < self.receivers.len() {
            match (self.receivers[index], receiver) {
                (Receiver::Service(this), Receiver::Service(that))
                | (Receiver::Task(this), Receiver::Task(that))
                | (Receiver::Link(this), Receiver::Link(that))
                    if this == that =>
                {
                    return true;
                }
                _ => {}
            }
            index += 1;
        }
        false
    }

    const fn queued_to(&self, service: usize) -> Option<OnFull> {
        let mut index = 0;
        while index < self.receivers.len() {
            if let Receiver::Queue(to, on_full) = self.receivers[index]
                && to == service
            {
                return Some(on_full);
            }
            index += 1;
        }
        None
    }
}

const fn larger(size: Option<usize>, other: usize) -> usize {
    match size {
        Some(size) if size > other => size,
        _ => other,
    }
}
