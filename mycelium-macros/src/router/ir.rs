//! What a router does, as plain data: all that has been decided about it, for who writes its code to carry out.
//!
//! It prints itself, one line a step: that is what the tests of [`lower`](super::lower) look at.

use std::fmt::{self, Display, Formatter};

use super::model::Attrs;
use super::options::values::OnFull;

/// A router. One that names lanes does on each of them what concerns it: a step for a service only where the service lives.
pub(super) struct Program {
    pub(super) name: String,
    /// Lanes can run it. If not, nothing calls it but `route_…`, and it takes no turns.
    pub(super) startable: bool,
    /// Services, links, lanes and messages by their names, which steps say by index.
    pub(super) names: Names,
    pub(super) errors: ErrorPolicy,
    /// What becomes of each message, in the order of routes.
    pub(super) emissions: Vec<Emission>,
    /// What becomes of it where it has come by a ring between lanes, or from outside.
    pub(super) shares: Vec<Share>,
    /// How messages get in otherwise.
    pub(super) intakes: Vec<Intake>,
    /// The services that, in one thread, may get messages back from later ones, which live on other lanes.
    pub(super) backs: Vec<usize>,
    /// Where messages are gathered for handlers of `&[M]`.
    pub(super) slots: Vec<Slot>,
    /// Who drives it: its owner, and then each lane that it names. Empty where it names none.
    pub(super) drivers: Vec<Driver>,
}

pub(super) struct Names {
    pub(super) services: Vec<String>,
    pub(super) links: Vec<String>,
    pub(super) lanes: Vec<String>,
    pub(super) messages: Vec<String>,
    /// For each service, the lane that it lives on.
    pub(super) placement: Vec<Option<usize>>,
}

/// What follows an error.
#[derive(Clone, Copy)]
pub(super) struct ErrorPolicy {
    /// The first is returned.
    pub(super) propagates: bool,
    /// Somebody is told of each.
    pub(super) listens: bool,
}

/// What becomes of a message that a service emits, or that enters the router.
pub(super) struct Emission {
    /// The place in the order of services where its steps are written out: before the first that it calls. None where it calls none, so that they
    /// are the same at all places.
    pub(super) place: Option<usize>,
    /// Inlined in any case, and not only as the compiler sees fit.
    pub(super) inlined: bool,
    /// It has a number, by which copies that wait can be taken back.
    pub(super) numbered: bool,
    pub(super) steps: Vec<Step>,
    /// Services behind a receiver may emit it too, from another lane. To such a receiver it goes by the step for its lane; where one thread drives
    /// the router, back through a queue.
    pub(super) goes_back: bool,
    /// Who answers it, if it may be requested.
    pub(super) answered_by: Option<usize>,
}

/// What is done with one message for one receiver.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) action: Action,
    /// An error of it ends the steps of this message.
    pub(super) stops: bool,
    /// What its user has said besides, untouched.
    pub(super) attrs: Attrs,
    /// The receiver that it is done for, by its index in the route.
    pub(super) receiver: usize,
}

/// The numbers are indices of services, links, lanes and `local` routes.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Call(usize),
    /// Calls a service whose queue has the message already, unless it has come from outside.
    CallFromOutside(usize),
    /// Has it wait in the router. What is dropped by policy is nobody's error.
    Wait {
        edge: usize,
        replaces: bool,
        fails: bool,
    },
    /// Puts it into the queue of a service; from another lane by a ring of its own.
    Enqueue(usize, OnFull),
    SendToTask(usize),
    SendToLink(usize),
    /// Hands it to all its receivers on another lane, if the compiler finds that it has some.
    PassOn(usize),
}

/// What a lane does with a message that has reached it.
pub(super) enum Share {
    /// The same as if it were emitted there.
    Emission,
    Steps {
        numbered: bool,
        steps: Vec<Step>,
    },
}

/// A way in.
pub(super) struct Intake {
    pub(super) from: Origin,
    pub(super) arms: Vec<Arm>,
}

#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// By its index, as the others.
    Input(usize),
    Queue(usize),
    Task(usize),
    /// Later services of other lanes, for this service, where one thread drives the router.
    Back(usize),
    /// Rings: other lanes, and whoever sends from outside.
    Rings,
}

/// What is done with one kind of message.
pub(super) struct Arm {
    pub(super) route: usize,
    pub(super) before: Before,
    pub(super) then: Then,
}

/// What is done before that about messages that have been gathered.
pub(super) enum Before {
    Nothing,
    /// This one joins them in one of these slots, where its handler takes `&[M]`; otherwise they are handed over. On each lane it is one
    /// slot at most.
    Gather(Vec<usize>),
}

#[derive(Clone, Copy)]
pub(super) enum Then {
    Emit,
    /// Calls one service, which is this receiver of the route.
    Call {
        service: usize,
        receiver: usize,
    },
    Share,
}

/// Where messages of one kind are gathered for one service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) route: usize,
    pub(super) service: usize,
    /// The receiver that the service is.
    pub(super) receiver: usize,
}

/// What whoever drives a router has of it.
pub(super) struct Driver {
    /// None for its owner, who has all of it.
    pub(super) lane: Option<usize>,
    /// A flag for each service.
    pub(super) held: Vec<bool>,
    /// For each input.
    pub(super) inputs: Vec<bool>,
    /// For each `local` route.
    pub(super) edges: Vec<bool>,
    /// How many messages may wait on these.
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
    fn home(&self, service: usize) -> String {
        let home = self.names.placement[service].map(|lane| format!(", on lane {}", self.names.lanes[lane]));
        home.unwrap_or_default()
    }

    /// Where a link or a task turns out to be.
    fn found(&self) -> &'static str {
        if self.drivers.is_empty() { "" } else { ", on its lane" }
    }

    fn step(&self, step: &Step, formatter: &mut Formatter<'_>) -> fmt::Result {
        let service = |service: usize| &self.names.services[service];
        match step.action {
            Action::Call(to) => write!(formatter, "call {}{}", service(to), self.home(to)),
            Action::CallFromOutside(to) => {
                write!(formatter, "call {} if it comes from outside{}", service(to), self.home(to))
            }
            Action::Wait { edge, replaces, fails } => {
                let full = match (replaces, fails) {
                    (true, _) => "the oldest is dropped",
                    (false, true) => "that is an error",
                    (false, false) => "it is dropped",
                };
                let home = self.edge_home(edge);
                write!(formatter, "wait in local route {edge}{home}; if there is no room, {full}")
            }
            Action::Enqueue(to, on_full) => {
                let ring = if self.drivers.is_empty() { "" } else { ", from other lanes by a ring" };
                write!(formatter, "enqueue for {}, {on_full:?}{ring}", service(to))
            }
            Action::SendToTask(to) => write!(formatter, "send to the task of {}{}", service(to), self.found()),
            Action::SendToLink(link) => write!(formatter, "send to link {}{}", self.names.links[link], self.found()),
            Action::PassOn(lane) => write!(formatter, "pass on to lane {}, elsewhere", self.names.lanes[lane]),
        }?;
        if step.attrs != Attrs::default() {
            write!(formatter, ", {:?}", step.attrs)?;
        }
        writeln!(formatter, "{}", if step.stops { ", or stop" } else { "" })
    }

    /// `, on lane hot`, of a `local` route.
    fn edge_home(&self, edge: usize) -> String {
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
        let back = if emission.goes_back { ", and back from later lanes" } else { "" };
        writeln!(formatter, "emit {} {place}{back}{inlined}", self.message(route))?;
        self.steps(emission.numbered, &emission.steps, formatter)?;
        match emission.answered_by {
            Some(service) => writeln!(formatter, "request {} from {}", self.message(route), self.service(service)),
            None => writeln!(formatter, "request {} from nobody", self.message(route)),
        }
    }

    fn intake(&self, intake: &Intake, formatter: &mut Formatter<'_>) -> fmt::Result {
        match intake.from {
            Origin::Input(input) => writeln!(formatter, "take from input {input}"),
            Origin::Queue(queue) => writeln!(formatter, "take from queue {queue}"),
            Origin::Task(task) => writeln!(formatter, "take from task {task}"),
            Origin::Back(service) => writeln!(formatter, "take back for {}", self.service(service)),
            Origin::Rings => writeln!(formatter, "take from rings"),
        }?;
        intake.arms.iter().try_for_each(|arm| {
            let gathered = match &arm.before {
                Before::Nothing => String::new(),
                Before::Gather(slots) if slots.is_empty() => "hand over what is gathered, ".to_owned(),
                Before::Gather(slots) => slots.iter().map(|slot| format!("gather in slot {slot}, or ")).collect(),
            };
            let then = match arm.then {
                Then::Emit => "emit".to_owned(),
                Then::Call { service, .. } => format!("call {}", self.service(service)),
                Then::Share => "do this lane's share".to_owned(),
            };
            writeln!(formatter, "    {}: {gathered}{then}", self.message(arm.route))
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
            None => writeln!(formatter, "its owner"),
            Some(lane) => writeln!(formatter, "lane {}", self.names.lanes[lane]),
        }?;
        writeln!(formatter, "    holds {}", set(&driver.held, &|index| self.service(index).to_owned()))?;
        writeln!(formatter, "    polls inputs {}", set(&driver.inputs, &number))?;
        writeln!(formatter, "    local routes {}, room {}", set(&driver.edges, &number), driver.room)?;
        writeln!(formatter, "    gathers in slots {}", set(&driver.gathers, &number))?;
        writeln!(formatter, "    has shares of {}", set(&driver.shares, &|index| self.message(index).to_owned()))
    }
}

impl Display for Program {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let ErrorPolicy { propagates, listens } = self.errors;
        let told = if listens { "told" } else { "counted" };
        let returned = if propagates { ", the first is returned" } else { "" };
        let started = if self.startable { "" } else { ", no lanes" };
        writeln!(formatter, "router {}: errors are {told}{returned}{started}", self.name)?;
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
        self.slots.iter().enumerate().try_for_each(|(index, slot)| {
            let (message, service) = (self.message(slot.route), self.service(slot.service));
            writeln!(formatter, "slot {index} gathers {message} for {service}")
        })
    }
}
