//! What every router holds beside its services.

use super::local::{Edge, LocalQueue, Losses, NoLocal, PublishedLocals, Waiting};
use super::room::Room;
use super::{Clock, ServiceStats, Stats};
use crate::TimestampNs;
use crate::clock::ClockSource;
use crate::counters::{Block, Group, LaneWords, ServiceWords};

/// What a router holds beside its services: counters, the queue of its `local` routes, and the sending ends of its links
/// and queues.
#[derive(Clone, Debug)]
pub struct Core<L, const SERVICES: usize, O = ()> {
    handler_errors: [u64; SERVICES],
    clock: ClockSource,
    published: Option<Box<Published>>,
    /// The queue of the `local` routes.
    pub local: L,
    /// The sending ends: a struct with one field each, written by the macro.
    pub links: O,
}

impl<L: Default, const SERVICES: usize, O: Default> Default for Core<L, SERVICES, O> {
    fn default() -> Self {
        Self::with_links(O::default())
    }
}

impl<L, const SERVICES: usize, O> Core<L, SERVICES, O> {
    /// The core of a router that sends through `links`.
    pub fn with_links(links: O) -> Self
    where
        L: Default,
    {
        Self {
            handler_errors: [0; SERVICES],
            clock: ClockSource::default(),
            published: None,
            local: L::default(),
            links,
        }
    }

    /// Replaces the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: ClockSource) -> Self {
        self.clock = clock;
        self
    }

    /// The time that services see.
    #[inline]
    pub fn now(&self) -> TimestampNs {
        self.clock.now()
    }

    /// Lets other threads read what is counted from now on.
    pub(crate) fn publish(
        &mut self,
        block: Option<&Block>,
        services: &[bool; SERVICES],
        locals: &[bool],
        lane: Group<LaneWords>,
    ) -> &Published {
        self.published.insert(Box::new(Published::new(block, services, locals, lane)))
    }

    /// Counts an error of the service at `index`.
    pub fn count_error(&mut self, index: usize) {
        if let Some(errors) = self.handler_errors.get_mut(index) {
            *errors += 1;
        }
        if let Some(Some(words)) = self.published.as_ref().and_then(|published| published.services.get(index)) {
            words.errors.add(1);
        }
    }

    fn service_stats(&self, services: &[&'static str; SERVICES]) -> Stats {
        Stats {
            handler_errors: self.handler_errors.iter().sum(),
            services: services
                .iter()
                .zip(self.handler_errors)
                .map(|(name, errors)| ServiceStats::new(name, errors))
                .collect(),
            ..Stats::default()
        }
    }
}

impl<L: Losses, const SERVICES: usize, O> Core<L, SERVICES, O> {
    /// Shows other threads what `local` routes have lost.
    pub(crate) fn publish_losses(&self) {
        if let Some(published) = &self.published {
            self.local.show(&published.locals);
        }
    }

    /// Drops what waits in the `local` queue, after the call that would have drained it has failed. Returns the number of messages.
    pub fn abandon(&mut self) -> u64 {
        let lost = self.local.abandon();
        self.publish_losses();
        lost
    }
}

impl<const SERVICES: usize, O> Core<NoLocal, SERVICES, O> {
    /// A snapshot of the counters.
    pub fn stats(&self, services: &[&'static str; SERVICES], _edges: &[Edge; 0]) -> Stats {
        self.service_stats(services)
    }
}

impl<R: Room<Message: Waiting>, const EDGES: usize, const SERVICES: usize, O> Core<LocalQueue<R, EDGES>, SERVICES, O> {
    /// A snapshot of the counters.
    pub fn stats(&self, services: &[&'static str; SERVICES], edges: &[Edge; EDGES]) -> Stats {
        let mut stats = self.service_stats(services);
        stats.locals.extend(self.local.stats(edges));
        stats.local_lost = stats.locals.iter().map(|local| local.lost).sum();
        stats.drain_limits = self.local.drain_limits();
        stats
    }
}

/// Counters of a router, as other threads read them.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// The errors of each service; `None` for one on another lane.
    pub(crate) services: Box<[Option<Group<ServiceWords>>]>,
    pub(crate) locals: PublishedLocals,
}

impl Published {
    /// Of the services and routes that are here, a flag for each.
    pub(crate) fn new(block: Option<&Block>, services: &[bool], locals: &[bool], lane: Group<LaneWords>) -> Self {
        let routes = locals.iter().map(|is_here| is_here.then(|| Group::of(block))).collect();
        let services = services.iter().map(|is_here| is_here.then(|| Group::of(block))).collect();
        Self { services, locals: PublishedLocals { routes, lane } }
    }
}
