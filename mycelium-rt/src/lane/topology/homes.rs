//! Who lives where, and what is emitted there.

use super::{Receiver, Topology};

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
}
