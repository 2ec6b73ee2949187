//! The program of a router, as plain data: all decisions about its code, which [`expand`](mod@super::expand) carries out.
//!
//! It prints itself, one line a step. The tests of [`lower`](super::lower) compare that text.

use std::fmt::{self, Display, Formatter};

use super::model::Attrs;
use super::options::values::OnFull;

/// What a router does. Where it names lanes, each lane does its part: a step for a service is done only on the lane of that service.
pub(super) struct Program {
    pub(super) name: String,
    /// Lanes can run it. If not, nothing calls it but `route_…`, and it takes no turns.
    pub(super) startable: bool,
    /// The names of services, links, lanes and messages. Steps refer to these by index.
    pub(super) names: Names,
    pub(super) errors: ErrorPolicy,
    /// What is done with each message that is emitted, in the order of routes.
    pub(super) emissions: Vec<Emission>,
    /// What is done with each message that arrives by a ring, from another lane or from outside.
    pub(super) shares: Vec<Share>,
    /// How other messages arrive.
    pub(super) intakes: Vec<Intake>,
    /// The services that may get messages from later services on other lanes.
    pub(super) back_edges: Vec<usize>,
    /// The buffers in which messages are gathered for handlers of `&[M]`.
    pub(super) slots: Vec<Slot>,
    /// The receivers with a pace.
    pub(super) paces: Vec<Paced>,
    /// Its drivers: its owner, then each lane that it names. Empty where it names none.
    pub(super) drivers: Vec<Driver>,
}

pub(super) struct Names {
    pub(super) services: Vec<String>,
    pub(super) links: Vec<String>,
    pub(super) lanes: Vec<String>,
    pub(super) messages: Vec<String>,
    /// For each service, the lane that it runs on.
    pub(super) placement: Vec<Option<usize>>,
}

/// What follows an error.
#[derive(Clone, Copy)]
pub(super) struct ErrorPolicy {
    /// The first error is returned.
    pub(super) propagates: bool,
    /// Each is reported. If not, errors are only counted.
    pub(super) reported: bool,
}

/// What is done with a message that a service emits, or that enters the router.
pub(super) struct Emission {
    /// The place in the order of services where its steps are written: before the first service that they call. None if they call no service, so
    /// that they are the same at all places.
    pub(super) place: Option<usize>,
    /// Inlining is forced, not left to the compiler.
    pub(super) inlined: bool,
    /// It gets a number, by which waiting copies can be removed.
    pub(super) numbered: bool,
    pub(super) steps: Vec<Step>,
    /// Services after a receiver may emit it too, from another lane. It reaches that receiver by the step for the receiver's lane or, where one
    /// thread drives the router, back through a queue.
    pub(super) has_back_edge: bool,
    /// The service that answers it, if it may be requested.
    pub(super) answered_by: Option<usize>,
}

/// What is done with one message for one receiver.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) action: Action,
    /// It is done if the condition of one of these receivers holds; always if there are none.
    pub(super) when: Vec<usize>,
    /// The pace that is asked then, by its index.
    pub(super) paced: Option<usize>,
    /// An error ends the steps of this message.
    pub(super) stops: bool,
    /// Further options of the receiver.
    pub(super) attrs: Attrs,
    /// The index of the receiver in the route.
    pub(super) receiver: usize,
}

/// The pace of a receiver.
pub(super) struct Paced {
    pub(super) route: usize,
    /// Whether it holds messages, which turns hand over by the step.
    pub(super) holds: bool,
    /// On which lane it is: that on which this is done.
    pub(super) step: Step,
}

/// The numbers are indices of services, links, lanes and `local` routes.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Call(usize),
    /// Calls a service if the message has come from outside. Otherwise the queue of the service already has the message.
    CallFromOutside(usize),
    /// Puts it into the queue of a `local` route. A drop by policy is no error.
    Wait {
        edge: usize,
        replaces: bool,
        fails: bool,
    },
    /// Puts it into the queue of a service. From another lane it goes through a ring.
    Enqueue(usize, OnFull),
    SendToTask(usize),
    SendToLink(usize),
    /// Passes it to all its receivers on another lane, if the compiler finds any.
    PassOn(usize),
}

/// What a lane does with a message that has arrived.
pub(super) enum Share {
    /// The same as if it were emitted on this lane.
    Emission,
    Steps {
        numbered: bool,
        steps: Vec<Step>,
    },
}

/// A source of messages.
pub(super) struct Intake {
    pub(super) from: Origin,
    pub(super) arms: Vec<Arm>,
}

#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// The number is an index, as in the others.
    Input(usize),
    Queue(usize),
    Task(usize),
    /// Later services on other lanes, for this service, where one thread drives the router.
    BackEdge(usize),
    /// Rings, from other lanes and from senders outside.
    Rings,
}

/// What is done with messages of one kind.
pub(super) struct Arm {
    pub(super) route: usize,
    pub(super) before: Before,
    pub(super) then: Then,
    /// The pace that is asked before a call.
    pub(super) paced: Option<usize>,
}

/// What is done with gathered messages before that.
pub(super) enum Before {
    Nothing,
    /// The message joins them in one of these slots, if its handler takes `&[M]`. Otherwise they are delivered. Each lane uses one slot at
    /// most.
    Gather(Vec<usize>),
}

#[derive(Clone, Copy)]
pub(super) enum Then {
    Emit,
    /// Calls one service, the receiver at this index of the route.
    Call {
        service: usize,
        receiver: usize,
    },
    Share,
}

/// The buffer in which messages of one kind are gathered for one service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) route: usize,
    pub(super) service: usize,
    /// The index of its receiver in the route.
    pub(super) receiver: usize,
}

/// The part of a router that a driver runs.
pub(super) struct Driver {
    /// None for its owner, who runs all of it.
    pub(super) lane: Option<usize>,
    /// For each service, whether it runs here.
    pub(super) runs: Vec<bool>,
    /// For each input, whether it is polled here.
    pub(super) inputs: Vec<bool>,
    /// For each `local` route, whether it leads to a service here.
    pub(super) edges: Vec<bool>,
    /// How many messages may wait on these routes.
    pub(super) room: usize,
    /// For each slot, whether it may be used.
    pub(super) gathers: Vec<bool>,
    /// For each route, whether it may have receivers here.
    pub(super) shares: Vec<bool>,
}

impl Program {
    fn message(&self, route: usize) -> &str {
        &self.names.messages[route]
    }

    fn service(&self, service: usize) -> &str {
        &self.names.services[service]
    }

    /// `, on lane hot`
    fn on_lane(&self, service: usize) -> String {
        let lane = self.names.placement[service].map(|lane| format!(", on lane {}", self.names.lanes[lane]));
        lane.unwrap_or_default()
    }

    /// The compiler finds the lane of a link or a task.
    fn on_found_lane(&self) -> &'static str {
        if self.drivers.is_empty() { "" } else { ", on its lane" }
    }

    fn step(&self, step: &Step, formatter: &mut Formatter<'_>) -> fmt::Result {
        let service = |service: usize| &self.names.services[service];
        match step.action {
            Action::Call(to) => write!(formatter, "call {}{}", service(to), self.on_lane(to)),
            Action::CallFromOutside(to) => {
                write!(formatter, "call {} if it comes from outside{}", service(to), self.on_lane(to))
            }
            Action::Wait { edge, replaces, fails } => {
                let full = match (replaces, fails) {
                    (true, _) => "the oldest is dropped",
                    (false, true) => "that is an error",
                    (false, false) => "it is dropped",
                };
                let lane = self.edge_on_lane(edge);
                write!(formatter, "wait in local route {edge}{lane}; if there is no room, {full}")
            }
            Action::Enqueue(to, on_full) => {
                let ring = if self.drivers.is_empty() { "" } else { ", from other lanes by a ring" };
                write!(formatter, "enqueue for {}, {on_full:?}{ring}", service(to))
            }
            Action::SendToTask(to) => write!(formatter, "send to the task of {}{}", service(to), self.on_found_lane()),
            Action::SendToLink(link) => {
                write!(formatter, "send to link {}{}", self.names.links[link], self.on_found_lane())
            }
            Action::PassOn(lane) => write!(formatter, "pass on to lane {}, from other lanes", self.names.lanes[lane]),
        }?;
        if !step.when.is_empty() {
            let receivers: Vec<String> = step.when.iter().map(usize::to_string).collect();
            write!(formatter, ", if the condition of receiver {} holds", receivers.join(" or "))?;
        }
        if let Some(pace) = step.paced {
            write!(formatter, ", if pace {pace} admits it")?;
        }
        if step.attrs != Attrs::default() {
            write!(formatter, ", {:?}", step.attrs)?;
        }
        writeln!(formatter, "{}", if step.stops { ", or stop" } else { "" })
    }

    /// `, on lane hot`, of a `local` route.
    fn edge_on_lane(&self, edge: usize) -> String {
        let is_here = |driver: &&Driver| driver.lane.is_some() && driver.edges[edge];
        let lane = self.drivers.iter().find(is_here).and_then(|driver| driver.lane);
        lane.map(|lane| format!(", on lane {}", self.names.lanes[lane])).unwrap_or_default()
    }

    fn steps(&self, numbered: bool, steps: &[Step], formatter: &mut Formatter<'_>) -> fmt::Result {
        if numbered {
            writeln!(formatter, "    give it a number")?;
        }
        steps.iter().try_for_each(|step| {
            write!(formatter, "    ")?;
            self.step(step, formatter)
        })
    }

    fn emission(&self, route: usize, emission: &Emission, formatter: &mut Formatter<'_>) -> fmt::Result {
        let place = match emission.place {
            None => "anywhere".to_owned(),
            Some(place) => format!("before {}", self.service(place)),
        };
        let inlined = if emission.inlined { ", inlined" } else { "" };
        let back_edge = if emission.has_back_edge { ", and by back edges" } else { "" };
        writeln!(formatter, "emit {} {place}{back_edge}{inlined}", self.message(route))?;
        self.steps(emission.numbered, &emission.steps, formatter)?;
        match emission.answered_by {
            Some(service) => writeln!(formatter, "request {} from {}", self.message(route), self.service(service)),
            None => writeln!(formatter, "request {} from no service", self.message(route)),
        }
    }

    fn intake(&self, intake: &Intake, formatter: &mut Formatter<'_>) -> fmt::Result {
        match intake.from {
            Origin::Input(input) => writeln!(formatter, "take from input {input}"),
            Origin::Queue(queue) => writeln!(formatter, "take from queue {queue}"),
            Origin::Task(task) => writeln!(formatter, "take from task {task}"),
            Origin::BackEdge(service) => writeln!(formatter, "take from the back edge to {}", self.service(service)),
            Origin::Rings => writeln!(formatter, "take from rings"),
        }?;
        intake.arms.iter().try_for_each(|arm| {
            let gathered = match &arm.before {
                Before::Nothing => String::new(),
                Before::Gather(slots) if slots.is_empty() => "deliver what is gathered, ".to_owned(),
                Before::Gather(slots) => slots.iter().map(|slot| format!("gather in slot {slot}, or ")).collect(),
            };
            let then = match arm.then {
                Then::Emit => "emit".to_owned(),
                Then::Call { service, .. } => format!("call {}", self.service(service)),
                Then::Share => "do this lane's share".to_owned(),
            };
            let paced = arm.paced.map(|pace| format!(", if pace {pace} admits it")).unwrap_or_default();
            writeln!(formatter, "    {}: {gathered}{then}{paced}", self.message(arm.route))
        })
    }

    fn driver(&self, driver: &Driver, formatter: &mut Formatter<'_>) -> fmt::Result {
        let set = |flags: &[bool], name: &dyn Fn(usize) -> String| -> String {
            let set = flags.iter().enumerate().filter(|(_, is_set)| **is_set).map(|(index, _)| name(index));
            let set: Vec<String> = set.collect();
            if set.is_empty() { "none".to_owned() } else { set.join(" ") }
        };
        let number = |index: usize| index.to_string();
        match driver.lane {
            None => writeln!(formatter, "the owner"),
            Some(lane) => writeln!(formatter, "lane {}", self.names.lanes[lane]),
        }?;
        writeln!(formatter, "    runs {}", set(&driver.runs, &|index| self.service(index).to_owned()))?;
        writeln!(formatter, "    polls inputs {}", set(&driver.inputs, &number))?;
        writeln!(formatter, "    local routes {}, room {}", set(&driver.edges, &number), driver.room)?;
        writeln!(formatter, "    gathers in slots {}", set(&driver.gathers, &number))?;
        writeln!(formatter, "    has shares of {}", set(&driver.shares, &|index| self.message(index).to_owned()))
    }
}

impl Display for Program {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let ErrorPolicy { propagates, reported } = self.errors;
        let handled = if reported { "reported" } else { "counted" };
        let returned = if propagates { ", the first is returned" } else { "" };
        let started = if self.startable { "" } else { ", no lanes" };
        writeln!(formatter, "router {}: errors are {handled}{returned}{started}", self.name)?;
        self.drivers.iter().try_for_each(|driver| self.driver(driver, formatter))?;
        for (route, emission) in self.emissions.iter().enumerate() {
            self.emission(route, emission, formatter)?;
        }
        for (route, share) in self.shares.iter().enumerate() {
            if let Share::Steps { numbered, steps } = share {
                writeln!(formatter, "share of {}", self.message(route))?;
                self.steps(*numbered, steps, formatter)?;
            }
        }
        self.intakes.iter().try_for_each(|intake| self.intake(intake, formatter))?;
        for (index, paced) in self.paces.iter().enumerate().filter(|(_, paced)| paced.holds) {
            writeln!(formatter, "what pace {index} holds of {}", self.message(paced.route))?;
            write!(formatter, "    ")?;
            self.step(&paced.step, formatter)?;
        }
        self.slots.iter().enumerate().try_for_each(|(index, slot)| {
            let (message, service) = (self.message(slot.route), self.service(slot.service));
            writeln!(formatter, "slot {index} gathers {message} for {service}")
        })
    }
}
