//! Where services, tasks and links live, and what is emitted on each lane.

use super::{Receiver, ServiceNode, Topology};
use crate::routing::MessageRef;

/// What follows from a [`Topology`].
#[derive(Clone, Copy, Debug)]
pub struct Solved<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize> {
    /// What may be emitted on each lane.
    pub emitted: [[bool; ROUTES]; LANES],
    /// The lane of each service, or the lane that owns its task.
    pub services: [usize; SERVICES],
    /// Where each link lives: the first lane that sends to it.
    pub links: [usize; LINKS],
    /// Whether a lane has receivers of a message to which it hands it itself.
    pub shares: [[bool; ROUTES]; LANES],
}

/// The route of each id, so that the number of steps of the search is that of emitted messages, and not that number for each route.
struct RoutesById([usize; 1 << u16::BITS]);

impl RoutesById {
    const fn of(topology: &Topology) -> Self {
        let (mut routes, mut route) = ([usize::MAX; 1 << u16::BITS], 0);
        while route < topology.routes.len() {
            routes[topology.routes[route].message.id as usize] = route;
            route += 1;
        }
        Self(routes)
    }

    const fn route(&self, id: u16) -> Option<usize> {
        match self.0[id as usize] {
            usize::MAX => None,
            route => Some(route),
        }
    }
}

impl<const LANES: usize, const ROUTES: usize, const SERVICES: usize, const LINKS: usize>
    Solved<LANES, ROUTES, SERVICES, LINKS>
{
    /// Solves the topology. The four constants are the lengths of its lists, and the number of links.
    #[must_use]
    pub const fn of(topology: &Topology) -> Self {
        let mut solved = Self {
            emitted: [[false; ROUTES]; LANES],
            services: [0; SERVICES],
            links: [0; LINKS],
            shares: [[false; ROUTES]; LANES],
        };
        let ids = RoutesById::of(topology);
        solved.place_inputs(topology);
        solved.place_services(topology, &ids);
        solved.place_tasks(topology, &ids);
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

    const fn place_services(&mut self, topology: &Topology, ids: &RoutesById) {
        let mut service = 0;
        while service < SERVICES {
            if let Some(lane) = topology.services[service].lane {
                self.place(topology, ids, service, lane);
            }
            service += 1;
        }
    }

    /// A task may get its messages from another one, so the tasks that some lane sends to are placed first.
    const fn place_tasks(&mut self, topology: &Topology, ids: &RoutesById) {
        let mut placed = [false; SERVICES];
        let (mut found_some, mut is_last) = (true, false);
        while found_some || !is_last {
            // In the last round only tasks are left that no lane sends to: they stay on the first lane.
            (is_last, found_some) = (!found_some, false);
            let mut service = 0;
            while service < SERVICES {
                let is_task = topology.services[service].lane.is_none();
                let to = Receiver::Task(service);
                if is_task && !placed[service] && (is_last || self.is_sent_to(topology, to)) {
                    let lane = self.first_sender(topology, to);
                    self.place(topology, ids, service, lane);
                    (placed[service], found_some) = (true, true);
                }
                service += 1;
            }
        }
    }

    /// What a service emits is emitted on its lane; what a task emits arrives on the lane that owns it.
    const fn place(&mut self, topology: &Topology, ids: &RoutesById, service: usize, lane: usize) {
        self.services[service] = lane;
        let ServiceNode { handled, sources, timers, .. } = topology.services[service];
        let mut index = 0;
        while index < handled.len() {
            self.emit(ids, lane, handled[index].emits);
            index += 1;
        }
        index = 0;
        while index < sources.len() {
            self.emit(ids, lane, sources[index].emits);
            index += 1;
        }
        index = 0;
        while index < timers.len() {
            self.emit(ids, lane, timers[index].emits);
            index += 1;
        }
    }

    const fn emit(&mut self, ids: &RoutesById, lane: usize, messages: &[MessageRef]) {
        let mut index = 0;
        while index < messages.len() {
            if let Some(route) = ids.route(messages[index].id) {
                self.emitted[lane][route] = true;
            }
            index += 1;
        }
    }

    const fn is_sent_to(&self, topology: &Topology, receiver: Receiver) -> bool {
        let lane = self.first_sender(topology, receiver);
        self.sends_to(topology, lane, receiver)
    }

    /// The first lane on which a message is emitted that is routed to `receiver`, else the first of all.
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

    /// The lane that hands messages to this receiver; `None` for a queue, which every lane sends into by itself.
    const fn home(&self, receiver: Receiver) -> Option<usize> {
        match receiver {
            Receiver::Service(service) | Receiver::Task(service) => Some(self.services[service]),
            Receiver::Link(link) => Some(self.links[link]),
            Receiver::Queue(..) => None,
        }
    }
}
