//! What `routing_config!` writes for a router with lanes: its constants, and the program of each lane.

use std::time::Instant;

use super::dead_letter::LaneWatch;
use super::error::StartError;
use super::park::Parking;
use super::spec::{LaneSpec, RingKind, RingSpec, ServiceSpec};
use super::start::{Launcher, Opening};
use crate::link::Interrupt;
use crate::link::closing::Left;
use crate::routing::turn::Program;
use crate::routing::{Handed, HookError, Origin};
use crate::{HandlerError, Message, MessageInfo};

/// A router whose services run on lanes. Written by [`routing_config!`](crate::routing_config) for the router's struct.
pub trait RouterSpec: Sized + 'static {
    /// All services: what goes into `start` and comes out of [`shutdown`](super::Running::shutdown).
    type Services: Send + 'static;
    /// The same services, each of which may be missing: it is elsewhere.
    type Parts: Default + Send + 'static;

    /// The router's name.
    const NAME: &'static str;
    /// The lanes, in declared order.
    const LANES: &'static [LaneSpec];
    /// The services, in declared order.
    const SERVICES: &'static [ServiceSpec];
    /// The rings between lanes that carry messages.
    const RINGS: &'static [RingSpec];
    /// The messages that are routed.
    const MESSAGES: &'static [MessageInfo];
    /// The names of links and inputs, to which a configuration may give addresses.
    const ENDS: &'static [&'static str];
    /// The number of inputs.
    const INPUTS: usize;
    /// The most groups of counters, without those of lanes and of rings between lanes.
    const GROUPS: usize;

    /// Splits the services into parts.
    fn split(services: Self::Services) -> Self::Parts;

    /// Joins the parts again; `None` if one is missing.
    fn join(parts: Self::Parts) -> Option<Self::Services>;

    /// Calls [`Launcher::lane`] for each lane, in declared order.
    fn launch(launcher: &mut Launcher<Self>);
}

/// The constants of a [`RouterSpec`] as values. Code that needs only these takes this type, so that it is not generic.
#[derive(Clone, Copy, Debug)]
pub(super) struct RouterFacts {
    pub(super) name: &'static str,
    pub(super) lanes: &'static [LaneSpec],
    pub(super) services: &'static [ServiceSpec],
    pub(super) rings: &'static [RingSpec],
    pub(super) ends: &'static [&'static str],
    pub(super) inputs: usize,
    pub(super) groups: usize,
}

impl RouterFacts {
    pub(super) const fn of<S: RouterSpec>() -> Self {
        Self {
            name: S::NAME,
            lanes: S::LANES,
            services: S::SERVICES,
            rings: S::RINGS,
            ends: S::ENDS,
            inputs: S::INPUTS,
            groups: S::GROUPS,
        }
    }

    /// The name of the lane at this index.
    pub(super) fn lane(&self, index: usize) -> &'static str {
        self.lanes.get(index).map_or("", |lane| lane.name)
    }

    /// The name of the service at this index.
    pub(super) fn service(&self, index: usize) -> &'static str {
        self.services.get(index).map_or("", |service| service.name)
    }

    /// The service whose queue the ring at this index is.
    pub(super) fn queue_service(&self, ring: usize) -> Option<&'static str> {
        match self.rings.get(ring)?.kind {
            RingKind::Implicit => None,
            RingKind::Queue { service, .. } => self.services.get(service).map(|service| service.name),
        }
    }

    /// The number of sources of the system.
    pub(super) fn sources(&self) -> usize {
        self.services.iter().map(|service| service.sources.len()).sum()
    }

    /// What the ring at this index is, in words.
    pub(super) fn ring_name(&self, ring: usize) -> String {
        let Some(spec) = self.rings.get(ring) else { return String::new() };
        match self.queue_service(ring) {
            Some(service) => format!("the queue of `{service}`"),
            None => format!("lane `{}` to lane `{}`", self.lane(spec.from), self.lane(spec.to)),
        }
    }
}

/// The services of the router of a lane, each of which may be elsewhere.
pub(super) type PartsOf<B> = <<B as LaneProgram>::Router as RouterSpec>::Parts;

/// The lanes of a system that have a receiver of `M`.
#[diagnostic::on_unimplemented(
    message = "no route of this router leads `{M}` anywhere",
    label = "`{M}` is not routed here",
    note = "add a route for `{M}` to `routing_config!`"
)]
pub trait Routed<M: Message> {
    /// Their indices, in declared order; empty for a message that is ignored.
    const LANES: &'static [usize];
}

/// By which path a message has reached a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Another lane emitted it: it goes to this lane's receivers of its route.
    Lane,
    /// A [`Sender`](super::Sender) sent it from outside, to every lane with a receiver: it goes to this lane's receivers, and to the lane's
    /// own queues.
    Outside,
    /// It was queued for the service at this index.
    Queue(usize),
}

/// What one lane runs: its services, and the ends by which they send. Written by [`routing_config!`](crate::routing_config) for the router
/// itself, if that has one lane; else for each lane.
///
/// The executor of the lane calls all of it on the thread of the lane, one call at a time. With `on_error: propagate` the first error of a
/// cascade goes to `first`; the lane treats it as a panic.
pub trait LaneProgram: Program + Sized + Send + 'static {
    /// The router.
    type Router: RouterSpec;
    /// The index of the lane.
    const LANE: usize;

    /// Moves the services of this lane out of `from`, those behind its tasks included.
    fn take(from: &mut PartsOf<Self>) -> PartsOf<Self>;

    /// Opens the inputs, then the links of the lane.
    ///
    /// # Errors
    /// The first end that can't be opened.
    fn open(parts: PartsOf<Self>, opening: &mut Opening<'_, PartsOf<Self>>) -> Result<Self, StartError>;

    /// Calls `startup` of the service at this index.
    ///
    /// # Errors
    /// The error that it returned.
    fn startup(&mut self, service: usize) -> Result<(), HookError>;

    /// Starts its tasks: every `startup` has been called.
    fn begin_tasks(&mut self) {}

    /// Calls `shutdown` of the service at this index.
    ///
    /// # Errors
    /// The error that it returned.
    fn shutdown(&mut self, service: usize) -> Result<(), HookError>;

    /// Delivers one message, which is [in flight](crate::routing::turn::Watch::begin); or keeps it for [`gathered`](Self::gathered), if its
    /// only receiver takes several at once.
    fn arrived(
        &mut self,
        from: Arrival,
        id: u16,
        body: Handed<'_>,
        origin: Origin,
        watch: LaneWatch<'_>,
        first: &mut Option<HandlerError>,
    );

    /// Delivers what was kept.
    fn gathered(&mut self, origin: Origin, watch: LaneWatch<'_>, first: &mut Option<HandlerError>) {
        let _ = (origin, watch, first);
    }

    /// Registers what is to wake the lane: [each input, link and sender](super::Waits::park) does. False if there is work already.
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool;

    /// The lane is awake; passed on to each input and link.
    fn unpark(&mut self);

    /// Closes the inputs, after a turn that found them empty.
    fn close_inputs(&mut self);

    /// Whether messages are pending that no ring of the executor holds: on queues that begin and end here, at a task, or emitted by a
    /// task.
    fn is_pending(&self) -> bool {
        false
    }

    /// Closes rings, tasks and links. Links may write what they hold until `deadline`, or until `cut` is set. Adds what is left then to
    /// `left`.
    fn close(&mut self, deadline: Instant, cut: &Interrupt, left: &mut Left);

    /// Drops what a cascade that ended early has left in `local` queues, and what was gathered. Returns the number of messages.
    fn abandon(&mut self) -> u64;

    /// Replaces the services of the lane by these, except those behind tasks.
    fn rebuild(&mut self, parts: PartsOf<Self>);

    /// Gives back the services.
    fn into_parts(self, into: &mut PartsOf<Self>);
}
