use std::net::SocketAddr;

use crate::counters::{LinkStats, NotAccepted};

/// The counters of a router since it was made; a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Handlers that returned an error, over all services.
    pub handler_errors: u64,
    /// Messages lost because a `local` queue was full, or because draining stopped at its limit; over all routes.
    pub local_lost: u64,
    /// Top-level calls after which the `local` queue was not empty even after 1,000,000 deliveries.
    pub drain_limits: u64,
    /// Ticks of timers that were skipped, since they were late by a period or more, and by 10 ms at least; those of services behind tasks
    /// included.
    pub missed_ticks: u64,
    /// Each service, in declared order.
    pub services: Vec<ServiceStats>,
    /// Each route `via local`, in declared order.
    pub locals: Vec<LocalStats>,
    /// Each receiver with a pace, lane by lane in declared order.
    pub paces: Vec<PaceStats>,
    /// Each link, in the order of first mention.
    pub links: Vec<NamedLinkStats>,
    /// The messages of links that their peers do not accept, each with its count.
    pub not_accepted: Vec<NotAccepted>,
    /// Each input, in declared order.
    pub inputs: Vec<NamedLinkStats>,
    /// Each service behind a queue or a task, in declared order: both ends of its queue together.
    pub queues: Vec<NamedLinkStats>,
    /// Each service behind a task, in declared order: what it has emitted, counted as `sent` where there was room and as `dropped_newest`
    /// where there was none, and what the router has taken of that, counted as `received`.
    pub outboxes: Vec<NamedLinkStats>,
}

impl Stats {
    /// Adds the errors of a service that runs behind a task.
    #[doc(hidden)]
    pub fn add_task(&mut self, service: usize, handler_errors: u64) {
        self.handler_errors += handler_errors;
        if let Some(stats) = self.services.get_mut(service) {
            stats.handler_errors += handler_errors;
        }
    }

    /// Adds the panics of a service that runs behind a task.
    #[doc(hidden)]
    pub fn add_panics(&mut self, service: usize, panics: u64, restarts: u64, lost_in_panics: u64) {
        if let Some(stats) = self.services.get_mut(service) {
            (stats.panics, stats.restarts, stats.lost_in_panics) = (panics, restarts, lost_in_panics);
        }
    }

    /// Adds the ticks that the timers of a service that runs behind a task have missed.
    pub(crate) fn add_missed_ticks(&mut self, service: usize, missed_ticks: u64) {
        self.missed_ticks += missed_ticks;
        if let Some(stats) = self.services.get_mut(service) {
            stats.missed_ticks += missed_ticks;
        }
    }

    /// Adds the messages of the task of the service called `name`: those that were sent to it, those that it took and emitted, and those
    /// of its emitted ones that the router has taken.
    pub(crate) fn add_task_messages(&mut self, name: &'static str, sent: LinkStats, task: LinkStats, taken: LinkStats) {
        let LinkStats { sent: emitted, dropped_newest, .. } = task;
        let mut queue = LinkStats { sent: 0, dropped_newest: 0, ..task };
        queue += sent;
        let mut outbox = LinkStats { sent: emitted, dropped_newest, ..LinkStats::default() };
        outbox += taken;
        self.queues.push(NamedLinkStats::new(name, queue));
        self.outboxes.push(NamedLinkStats::new(name, outbox));
    }

    /// The counters of the service that the router calls `name`.
    pub fn service(&self, name: &str) -> Option<&ServiceStats> {
        self.services.iter().find(|stats| stats.service == name)
    }

    /// The counters of the `local` route that leads `message` to `service`.
    pub fn local(&self, message: &str, service: &str) -> Option<&LocalStats> {
        self.locals.iter().find(|stats| stats.message == message && stats.service == service)
    }

    /// The counters of the pace at which `receiver`, a service or a link, gets `message`.
    pub fn pace(&self, message: &str, receiver: &str) -> Option<&PaceStats> {
        self.paces.iter().find(|stats| stats.message == message && stats.receiver == receiver)
    }

    /// The counters of the link called `name`.
    pub fn link(&self, name: &str) -> Option<&LinkStats> {
        find(&self.links, name)
    }

    /// The counters of the input called `name`.
    pub fn input(&self, name: &str) -> Option<&LinkStats> {
        find(&self.inputs, name)
    }

    /// Where the input called `name` listens, if that is over TCP: the port is the kernel's choice where 0 was asked for.
    ///
    /// ```
    /// use mycelium_rt::routing::{NamedLinkStats, Stats};
    ///
    /// let mut stats = Stats::default();
    /// let feed = NamedLinkStats::new("feed", Default::default()).at("127.0.0.1:7402".parse().ok());
    /// stats.inputs.push(feed);
    /// assert_eq!(stats.address("feed").map(|address| address.port()), Some(7402));
    /// ```
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.inputs.iter().find(|entry| entry.name == name)?.address
    }

    /// The counters of the queue, or the queue of the task, of the service that the router calls `name`: of the messages to it alone.
    pub fn queue(&self, name: &str) -> Option<&LinkStats> {
        find(&self.queues, name)
    }

    /// The counters of what the service that the router calls `name` has emitted behind its task: `sent`, `dropped_newest` where its queue
    /// back was full, and `received` by the router, with their bytes.
    pub fn outbox(&self, name: &str) -> Option<&LinkStats> {
        find(&self.outboxes, name)
    }
}

fn find<'a>(all: &'a [NamedLinkStats], name: &str) -> Option<&'a LinkStats> {
    all.iter().find(|entry| entry.name == name).map(|entry| &entry.stats)
}

/// The counters of a link, an input, a queue or an outbox, with the name that it has in the router.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedLinkStats {
    /// The name.
    pub name: &'static str,
    /// The counters.
    pub stats: LinkStats,
    /// Where an input over TCP listens: the port is the kernel's choice where 0 was asked for.
    pub address: Option<SocketAddr>,
}

impl NamedLinkStats {
    /// The counters of what the router calls `name`.
    pub fn new(name: &'static str, stats: LinkStats) -> Self {
        Self { name, stats, address: None }
    }

    /// The same, of an input that listens there.
    #[must_use]
    pub fn at(self, address: Option<SocketAddr>) -> Self {
        Self { address, ..self }
    }
}

/// The counters of one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceStats {
    /// The service, as the router calls it.
    pub service: &'static str,
    /// Handlers that returned an error.
    pub handler_errors: u64,
    /// Panics of a service behind a task. Those of others are counted by their lane.
    pub panics: u64,
    /// Restarts after panics.
    pub restarts: u64,
    /// Messages lost in panics.
    pub lost_in_panics: u64,
    /// Skipped ticks of the timers of a service behind a task. Those of others are counted by their lane.
    pub missed_ticks: u64,
}

impl ServiceStats {
    pub(crate) fn new(service: &'static str, handler_errors: u64) -> Self {
        Self { service, handler_errors, ..Self::default() }
    }
}

/// The counters of one route `via local`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalStats {
    /// The message.
    pub message: &'static str,
    /// The receiving service, as the router calls it.
    pub service: &'static str,
    /// This route's share of the queue, in messages.
    pub capacity: usize,
    /// Messages lost: the sum of those below.
    pub lost: u64,
    /// Messages that found the share full, with `on_full = drop_newest`.
    pub dropped_newest: u64,
    /// Messages dropped to make room for newer ones, with `on_full = drop_oldest`.
    pub dropped_oldest: u64,
    /// Messages that found the share full, with `on_full = error`, which is the default.
    pub dropped_error: u64,
    /// Messages that still waited when draining stopped at its limit.
    pub abandoned: u64,
    /// Messages that the `if` of the route turned away. They are not lost.
    pub filtered: u64,
}

/// The counters of the pace of one receiver: of `sample`, `throttle` or `debounce` in a route. What is thinned out is not lost: the route asks
/// for that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaceStats {
    /// The message.
    pub message: &'static str,
    /// The service or link that receives it, as the router calls it.
    pub receiver: &'static str,
    /// Messages dropped, or replaced by newer ones.
    pub thinned: u64,
    /// Messages that passed undelayed, since there was no room for their key.
    pub too_many_keys: u64,
}
