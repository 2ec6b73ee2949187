//! What a router is put together with, whether a lane or its owner drives it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::Config;
use crate::clock::ClockSource;
use crate::counters::{Block, Group, LaneWords, ServiceWords};
use crate::lane::end::Control;
use crate::lane::health::{LaneState, TaskHealth};
use crate::lane::supervise::Factory;
use crate::link::{Counters, Interrupt, RingSender};
use crate::routing::Stats;
use crate::routing::turn::{DueWork, ServiceWork};

/// What a router is put together with, and told of its ends. On a lane, others can read their counters then, and end their waits; one that
/// its owner drives knows its ends itself. `P` are its services, each of which may be elsewhere.
pub struct Opening<'a, P> {
    /// Empty where there is none.
    pub(in crate::lane) lane: &'static str,
    config: &'a Config,
    /// None for a router that its owner drives.
    control: Option<&'a Arc<Control>>,
    /// What is counted in turns; none where nothing is counted for others to read.
    words: Option<Group<LaneWords>>,
    factory: Option<Factory<P>>,
    senders: Vec<Option<RingSender>>,
    pub(in crate::lane) watched: Watched,
}

/// Counters that are read from other threads.
#[derive(Debug, Default)]
pub(in crate::lane) struct Watched {
    pub(in crate::lane) links: Vec<(&'static str, Counters)>,
    pub(in crate::lane) inputs: Vec<(&'static str, Counters)>,
    /// Where inputs over TCP listen.
    pub(in crate::lane) addresses: Vec<(&'static str, SocketAddr)>,
    pub(in crate::lane) queues: Vec<(&'static str, Counters)>,
    pub(in crate::lane) task_messages: Vec<TaskMessages>,
    pub(in crate::lane) services: Vec<(usize, Group<ServiceWords>)>,
    pub(in crate::lane) tasks: Vec<Watch>,
    pub(in crate::lane) contributions: Vec<Contribution>,
}

/// What goes to a task, and comes from it.
#[derive(Debug)]
pub(in crate::lane) struct TaskMessages {
    name: &'static str,
    sent: Counters,
    task: Counters,
    taken: Counters,
}

impl TaskMessages {
    pub(in crate::lane) fn add_to(&self, stats: &mut Stats) {
        // Each receiving end first: what goes on meanwhile would make more of it.
        let taken = self.taken.snapshot();
        let task = self.task.snapshot();
        stats.add_task_messages(self.name, self.sent.snapshot(), task, taken);
    }
}

/// Adds what a lane has counted.
pub(in crate::lane) struct Contribution(pub(in crate::lane) Box<dyn Fn(&mut Stats) + Send + Sync>);

impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contribution")
    }
}

/// Says how a task is doing.
pub(in crate::lane) struct Watch {
    pub(in crate::lane) service: usize,
    pub(in crate::lane) look: Box<dyn Fn() -> TaskHealth + Send + Sync>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl<P> fmt::Debug for Opening<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("lane", &self.lane).finish_non_exhaustive()
    }
}

impl<'a, P> Opening<'a, P> {
    /// For a router that its owner drives.
    #[must_use]
    pub fn alone(config: &'a Config) -> Self {
        let (words, senders, watched) = (config.block().map(Block::group), Vec::new(), Watched::default());
        Self { lane: "", config, control: None, words, factory: None, senders, watched }
    }

    pub(in crate::lane) fn on_lane(
        state: &LaneState,
        config: &'a Config,
        control: &'a Arc<Control>,
        factory: Option<Factory<P>>,
        senders: Vec<Option<RingSender>>,
    ) -> Self {
        let (lane, words, watched) = (state.name, Some(state.words.clone()), Watched::default());
        Self { lane, config, control: Some(control), words, factory, senders, watched }
    }

    /// What is counted in turns; none where nothing is counted for others to read.
    pub(in crate::lane) fn words(&self) -> Option<Group<LaneWords>> {
        self.words.clone()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// The clock of the router.
    #[must_use]
    pub fn clock(&self) -> ClockSource {
        self.config.clock_source().clone()
    }

    /// Its sources and timers, if its owner drives it: those of a lane are the lane's own.
    #[must_use]
    pub fn due_work(&self, services: &[ServiceWork]) -> Option<Box<DueWork>> {
        self.control.is_none().then(|| Box::new(DueWork::new(self.config.clock_source(), services, self.words.clone())))
    }

    /// The sending end of the ring at this index of [`System::RINGS`](crate::lane::RouterSpec::RINGS), once; `None` if the ring does not begin on this
    /// lane.
    #[must_use]
    pub fn sender(&mut self, ring: usize) -> Option<RingSender> {
        self.senders.get_mut(ring).and_then(Option::take)
    }

    /// There is a link, whose waits end when the deadline of a shutdown has passed.
    pub fn link(&mut self, name: &'static str, counters: &Counters, interrupt: Interrupt) {
        self.interrupt(interrupt);
        self.watched.links.push((name, counters.clone()));
    }

    /// There is an input.
    pub fn input(&mut self, name: &'static str, counters: &Counters, address: Option<SocketAddr>) {
        self.watched.inputs.push((name, counters.clone()));
        self.watched.addresses.extend(address.map(|address| (name, address)));
    }

    /// There is a queue of the service that the router calls `service`. One end after the other may be told.
    pub fn queue(&mut self, service: &'static str, counters: &Counters) {
        self.watched.queues.push((service, counters.clone()));
    }

    /// There is a task of the service that the router calls `name`: what is sent to it, what it takes and emits, and what is taken of that.
    #[cfg(feature = "tokio")]
    pub(crate) fn task_messages(&mut self, name: &'static str, sent: &Counters, task: &Counters, taken: &Counters) {
        let (sent, task, taken) = (sent.clone(), task.clone(), taken.clone());
        self.watched.task_messages.push(TaskMessages { name, sent, task, taken });
    }

    /// This wait ends when the deadline of a shutdown has passed.
    pub fn interrupt(&mut self, interrupt: Interrupt) {
        if let Some(control) = self.control {
            control.interrupt_at_deadline(interrupt);
        }
    }

    /// The errors of the service at this index are counted here.
    pub(crate) fn errors(&mut self, service: usize, words: &Group<ServiceWords>) {
        self.watched.services.push((service, words.clone()));
    }

    /// The lane that looks after what is opened; empty where there is none.
    #[cfg(feature = "tokio")]
    pub(crate) fn lane(&self) -> &'static str {
        self.lane
    }

    /// The task of a service with so many sources belongs to the system: it is told by `ending` when the system begins to end, and its
    /// sources count as producers. None where there is no lane.
    #[cfg(feature = "tokio")]
    pub(crate) fn adopt_task(&self, ending: crate::lane::Ending, sources: usize) -> Option<crate::lane::Producers> {
        let control = self.control?;
        control.tell_ending(ending);
        Some(crate::lane::Producers::counted(control, sources))
    }

    /// What makes all services again after a panic, if the system was started with it.
    #[cfg(feature = "tokio")]
    pub(crate) fn factory(&self) -> Option<&Factory<P>> {
        self.factory.as_ref()
    }

    /// The service at this index runs behind a task, which `watch` looks at on the thread that asks.
    #[cfg(feature = "tokio")]
    pub(crate) fn watch_task(&mut self, service: usize, watch: Box<dyn Fn() -> TaskHealth + Send + Sync>) {
        self.watched.tasks.push(Watch { service, look: watch });
    }

    /// Has `add` called whenever somebody asks for the counters, on the thread that asks: it adds what else the lane has counted.
    pub fn contribute(&mut self, add: impl Fn(&mut Stats) + Send + Sync + 'static) {
        self.watched.contributions.push(Contribution(Box::new(add)));
    }
}

impl Watched {
    pub(in crate::lane) fn append(&mut self, mut other: Self) {
        self.links.append(&mut other.links);
        self.inputs.append(&mut other.inputs);
        self.addresses.append(&mut other.addresses);
        self.queues.append(&mut other.queues);
        self.task_messages.append(&mut other.task_messages);
        self.services.append(&mut other.services);
        self.tasks.append(&mut other.tasks);
        self.contributions.append(&mut other.contributions);
    }
}
