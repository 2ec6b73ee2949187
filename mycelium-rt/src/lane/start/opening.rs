//! What a router gets while it is opened, and registers: by a lane, or by its owner.

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

/// Gives a router what it needs while it is opened, and takes note of its ends. On a lane, other threads can then read their counters and
/// end their waits; a router that its owner drives knows its ends itself. `P` holds its services, each of which may be elsewhere.
pub struct Opening<'a, P> {
    /// Empty where there are no lanes.
    pub(in crate::lane) lane: &'static str,
    config: &'a Config,
    /// `None` for a router that its owner drives.
    control: Option<&'a Arc<Control>>,
    /// What turns count; `None` where no one reads it.
    words: Option<Group<LaneWords>>,
    /// Only tasks make their services again by themselves.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code))]
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
    pub(in crate::lane) tasks: Vec<TaskWatch>,
    pub(in crate::lane) contributions: Vec<Contribution>,
}

/// The counters of what goes to a task, and comes from it.
#[derive(Debug)]
pub(in crate::lane) struct TaskMessages {
    name: &'static str,
    sent: Counters,
    task: Counters,
    taken: Counters,
}

impl TaskMessages {
    pub(in crate::lane) fn add_to(&self, stats: &mut Stats) {
        // Each receiving end first: a message that passes meanwhile must not show as received and not sent.
        let taken = self.taken.snapshot();
        let task = self.task.snapshot();
        stats.add_task_messages(self.name, self.sent.snapshot(), task, taken);
    }
}

/// Adds what a lane has counted to the stats.
pub(in crate::lane) struct Contribution(pub(in crate::lane) Box<dyn Fn(&mut Stats) + Send + Sync>);

impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contribution")
    }
}

/// Reads the health of a task.
pub(in crate::lane) struct TaskWatch {
    pub(in crate::lane) service: usize,
    pub(in crate::lane) look: Box<dyn Fn() -> TaskHealth + Send + Sync>,
}

impl fmt::Debug for TaskWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TaskWatch")
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

    /// What turns count; `None` where no one reads it.
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
        self.config.get_clock().clone()
    }

    /// Its sources and timers, if its owner drives it. Those on a lane belong to the lane.
    #[must_use]
    pub fn due_work(&self, services: &[ServiceWork]) -> Option<Box<DueWork>> {
        self.control.is_none().then(|| Box::new(DueWork::new(self.config.get_clock(), services, self.words.clone())))
    }

    /// The sending end of the ring at this index of [`RouterSpec::RINGS`](crate::lane::RouterSpec::RINGS), once; `None` if the ring does
    /// not begin on this lane.
    #[must_use]
    pub fn sender(&mut self, ring: usize) -> Option<RingSender> {
        self.senders.get_mut(ring).and_then(Option::take)
    }

    /// Registers a link, whose waits end at the deadline of a shutdown.
    pub fn link(&mut self, name: &'static str, counters: &Counters, interrupt: Interrupt) {
        self.interrupt(interrupt);
        self.watched.links.push((name, counters.clone()));
    }

    /// Registers an input.
    pub fn input(&mut self, name: &'static str, counters: &Counters, address: Option<SocketAddr>) {
        self.watched.inputs.push((name, counters.clone()));
        self.watched.addresses.extend(address.map(|address| (name, address)));
    }

    /// Registers an end of the queue of the service that the router calls `service`. Each end is registered by itself.
    pub fn queue(&mut self, service: &'static str, counters: &Counters) {
        self.watched.queues.push((service, counters.clone()));
    }

    /// Registers the task of the service that the router calls `name`: the counters of what is sent to it, of what it takes and emits, and
    /// of what is taken of that.
    #[cfg(feature = "tokio")]
    pub(crate) fn task_messages(&mut self, name: &'static str, sent: &Counters, task: &Counters, taken: &Counters) {
        let (sent, task, taken) = (sent.clone(), task.clone(), taken.clone());
        self.watched.task_messages.push(TaskMessages { name, sent, task, taken });
    }

    /// Registers a wait that ends at the deadline of a shutdown.
    pub fn interrupt(&mut self, interrupt: Interrupt) {
        if let Some(control) = self.control {
            control.interrupt_at_deadline(interrupt);
        }
    }

    /// Registers the counters of the service at this index.
    pub(crate) fn errors(&mut self, service: usize, words: &Group<ServiceWords>) {
        self.watched.services.push((service, words.clone()));
    }

    /// The lane that owns what is opened; empty where there are no lanes.
    #[cfg(feature = "tokio")]
    pub(crate) fn lane(&self) -> &'static str {
        self.lane
    }

    /// Registers the task of a service with this many sources: `ending` tells it when the system begins to end, and its sources count as
    /// producers. `None` where there are no lanes.
    #[cfg(feature = "tokio")]
    pub(crate) fn adopt_task(&self, ending: crate::lane::Ending, sources: usize) -> Option<crate::lane::Producers> {
        let control = self.control?;
        control.tell_ending(ending);
        Some(crate::lane::Producers::counted(control, sources))
    }

    /// The factory that makes all services again after a panic, if the system was started with one.
    #[cfg(feature = "tokio")]
    pub(crate) fn factory(&self) -> Option<&Factory<P>> {
        self.factory.as_ref()
    }

    /// Registers the task of the service at this index. `watch` reads its health, on the thread of the caller.
    #[cfg(feature = "tokio")]
    pub(crate) fn watch_task(&mut self, service: usize, watch: Box<dyn Fn() -> TaskHealth + Send + Sync>) {
        self.watched.tasks.push(TaskWatch { service, look: watch });
    }

    /// Registers `add`, which is called whenever the counters are read, on the thread of the reader, and adds what else the lane has
    /// counted.
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
