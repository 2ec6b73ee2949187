//! What a lane is put together with.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::control::Control;
use super::health::TaskHealth;
use super::supervise::Factory;
#[cfg(feature = "tokio")]
use super::supervise::made_anew;
use super::system::System;
use crate::Config;
use crate::counters::{Group, LaneWords, ServiceWords};
use crate::link::{Counter, Counters, Interrupt, RingSender};
use crate::routing::__private::ClockSource;
use crate::routing::Stats;

/// What a lane gets to put itself together, and tells about its ends so that others can read their counters and end their waits.
pub struct Opening<'a, S: System> {
    pub(super) lane: &'static str,
    pub(super) config: &'a Config,
    pub(super) control: &'a Arc<Control>,
    /// What the lane counts.
    pub(super) words: Group<LaneWords>,
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "only tasks of tokio are made anew one by one"))]
    pub(super) factory: Option<Factory<S>>,
    pub(super) senders: Vec<Option<RingSender>>,
    pub(super) watched: Watched,
}

/// Counters that are read from other threads.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) links: Vec<(&'static str, Counters)>,
    pub(super) inputs: Vec<(&'static str, Counters)>,
    /// Where inputs over TCP listen.
    pub(super) addresses: Vec<(&'static str, SocketAddr)>,
    pub(super) queues: Vec<(&'static str, Counters)>,
    pub(super) services: Vec<(usize, Group<ServiceWords>)>,
    pub(super) task_errors: Vec<(usize, Arc<Counter>)>,
    pub(super) tasks: Vec<Watch>,
    pub(super) contributions: Vec<Contribution>,
}

/// Adds what a lane has counted.
pub(super) struct Contribution(pub(super) Box<dyn Fn(&mut Stats) + Send + Sync>);

impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contribution")
    }
}

/// Says how a task is doing.
pub(super) struct Watch {
    pub(super) service: usize,
    pub(super) look: Box<dyn Fn() -> TaskHealth + Send + Sync>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl<S: System> fmt::Debug for Opening<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("lane", &self.lane).finish_non_exhaustive()
    }
}

impl<S: System> Opening<'_, S> {
    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        self.config
    }

    /// The clock of the router.
    #[must_use]
    pub fn clock(&self) -> ClockSource {
        self.config.clock_source().clone()
    }

    /// The sending end of the ring at this index of [`System::RINGS`](super::System::RINGS), once; `None` if the ring does not begin on this
    /// lane.
    #[must_use]
    pub fn sender(&mut self, ring: usize) -> Option<RingSender> {
        self.senders.get_mut(ring).and_then(Option::take)
    }

    /// There is a link, whose waits end when the deadline of a shutdown has passed.
    pub fn link(&mut self, name: &'static str, counters: &Counters, interrupt: Interrupt) {
        self.control.interrupt_at_deadline(interrupt);
        self.watched.links.push((name, counters.clone()));
    }

    /// There is an input.
    pub fn input(&mut self, name: &'static str, counters: &Counters, address: Option<SocketAddr>) {
        self.watched.inputs.push((name, counters.clone()));
        self.watched.addresses.extend(address.map(|address| (name, address)));
    }

    /// There is a queue, or a task, of the service that the router calls `service`. One end after the other may be told.
    pub fn queue(&mut self, service: &'static str, counters: &Counters) {
        self.watched.queues.push((service, counters.clone()));
    }

    /// What is set when the deadline of a shutdown has passed.
    #[must_use]
    pub fn cut(&self) -> Interrupt {
        Interrupt::at(&self.control.cutoff)
    }

    /// This wait ends when the deadline of a shutdown has passed.
    pub fn interrupt(&mut self, interrupt: Interrupt) {
        self.control.interrupt_at_deadline(interrupt);
    }

    /// The errors of the service at this index are counted here.
    pub(crate) fn errors(&mut self, service: usize, words: &Group<ServiceWords>) {
        self.watched.services.push((service, words.clone()));
    }

    /// The errors of the service at this index, behind its task, are counted here.
    #[cfg(feature = "tokio")]
    pub(super) fn errors_of_task(&mut self, service: usize, errors: &Arc<Counter>) {
        self.watched.task_errors.push((service, Arc::clone(errors)));
    }

    /// What the service at this index of [`System::SERVICES`](super::System::SERVICES) has around it behind its task; `take` takes it out of
    /// all that the factory has made, of which the others are dropped, and `startup` is its hook.
    #[cfg(feature = "tokio")]
    #[must_use]
    pub fn surroundings<T>(
        &self,
        service: usize,
        take: impl Fn(&mut S::Parts) -> Option<T> + Send + 'static,
        startup: fn(&mut T) -> Result<(), crate::routing::HookError>,
    ) -> crate::task::Surroundings<T>
    where
        T: 'static,
    {
        let sources = S::SERVICES.get(service).map_or(0, |service| service.sources.len());
        let producers = super::Producers::counted(self.control, sources);
        let surroundings = crate::task::Surroundings::new(self.config).on_lane(self.lane, producers);
        self.control.tell_ending(surroundings.ending());
        let Some(factory) = self.factory.clone() else { return surroundings };
        let make = move || {
            let service = made_anew::<S, _>(&factory, &take);
            let Some(service) = service else { unreachable!("a factory makes every service") };
            service
        };
        surroundings.with_factory_and_hook(make, startup)
    }

    /// The service at this index runs behind a task, which `watch` looks at on the thread that asks.
    #[cfg(feature = "tokio")]
    pub(super) fn watch_task(&mut self, service: usize, watch: Box<dyn Fn() -> TaskHealth + Send + Sync>) {
        self.watched.tasks.push(Watch { service, look: watch });
    }

    /// Has `add` called whenever somebody asks for the counters, on the thread that asks: it adds what else the lane has counted.
    pub fn contribute(&mut self, add: impl Fn(&mut Stats) + Send + Sync + 'static) {
        self.watched.contributions.push(Contribution(Box::new(add)));
    }
}

impl Watched {
    pub(super) fn append(&mut self, mut other: Self) {
        self.links.append(&mut other.links);
        self.inputs.append(&mut other.inputs);
        self.addresses.append(&mut other.addresses);
        self.queues.append(&mut other.queues);
        self.services.append(&mut other.services);
        self.task_errors.append(&mut other.task_errors);
        self.tasks.append(&mut other.tasks);
        self.contributions.append(&mut other.contributions);
    }
}
