//! Which lanes send to which: found at compile time, from what services emit and where they run.
//!
//! A [`Topology`] describes the router. `placement` finds the lane of each service, task and link, `rings` what goes from lane to lane, and
//! `cycles` whether lanes could wait for each other for ever.

mod cycles;
mod placement;
mod rings;

use crate::link::OnFull;
use crate::routing::{Handled, MessageRef, Source, Timer, contains};

pub use cycles::WaitFor;
pub use placement::Solved;

/// A router with lanes as `routing_config!` describes it; all numbers are indices.
#[derive(Clone, Copy, Debug)]
pub struct Topology {
    /// The names of the lanes.
    pub lanes: &'static [&'static str],
    /// All services, in declared order.
    pub services: &'static [ServiceNode],
    /// All routes.
    pub routes: &'static [RoutedTo],
    /// All inputs.
    pub inputs: &'static [InputNode],
    /// The names of the links.
    pub links: &'static [&'static str],
}

/// A service, and where it runs.
#[derive(Clone, Copy, Debug)]
pub struct ServiceNode {
    /// Its name.
    pub name: &'static str,
    /// Its lane; `None` for one behind a task.
    pub lane: Option<usize>,
    /// Its handlers.
    pub handled: &'static [Handled],
    /// Its sources.
    pub sources: &'static [Source],
    /// Its timers.
    pub timers: &'static [Timer],
}

/// A message, and its receivers.
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

/// What an input brings in.
#[derive(Clone, Copy, Debug)]
pub struct InputNode {
    /// The lane that polls it.
    pub lane: usize,
    /// The routes of its messages.
    pub routes: &'static [usize],
}

impl Topology {
    /// Whether, on one thread, messages would have to go back to `service` from a later one on another lane.
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

impl ServiceNode {
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
