//! What every router holds beside its services.

use super::local::{Edge, LocalQueue, Losses, NoLocal, PublishedLocals, Waiting, raise};
use super::pace::{Moment, PaceCounts, PaceSpec, Paced, Paces, Verdict, pace_stats};
use super::room::Room;
use super::{Clock, ServiceStats, Stats};
use crate::TimestampNs;
use crate::clock::ClockSource;
use crate::counters::{Block, Group, LaneWords, PaceWords, ServiceWords};

/// What a router holds beside its services: counters, the queue of its `local` routes, and the sending ends of its links
/// and queues, and the paces of receivers.
#[derive(Clone, Debug)]
pub struct Core<L, const SERVICES: usize, O = (), P = ()> {
    handler_errors: [u64; SERVICES],
    clock: ClockSource,
    published: Option<Box<Published>>,
    /// The queue of the `local` routes.
    pub local: L,
    /// The sending ends: a struct with one field each, written by the macro.
    pub links: O,
    /// The paces of receivers: a struct with one field each, written by the macro.
    pub paces: P,
}

impl<L: Default, const SERVICES: usize, O: Default, P: Default> Default for Core<L, SERVICES, O, P> {
    fn default() -> Self {
        Self::with_links(O::default())
    }
}

impl<L, const SERVICES: usize, O, P> Core<L, SERVICES, O, P> {
    /// The core of a router that sends through `links`.
    pub fn with_links(links: O) -> Self
    where
        L: Default,
        P: Default,
    {
        Self {
            handler_errors: [0; SERVICES],
            clock: ClockSource::default(),
            published: None,
            local: L::default(),
            links,
            paces: P::default(),
        }
    }

    /// Replaces the paces.
    #[must_use]
    pub fn with_paces(mut self, paces: P) -> Self {
        self.paces = paces;
        self
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

    /// The message that a receiver gets now that `message` comes: that one, or an older one that `late` keeps; none if it has to wait.
    #[inline]
    pub fn offered<'m, M: Copy>(
        &mut self,
        pace: impl FnOnce(&mut P) -> &mut Paced<M>,
        key: u64,
        message: &'m M,
        late: &'m mut Option<M>,
    ) -> Option<&'m M> {
        let now = Moment(self.clock.ticks());
        match pace(&mut self.paces).offer(now, key, message) {
            Verdict::Pass => Some(message),
            Verdict::Late(older) => Some(late.insert(older)),
            Verdict::Hold | Verdict::Drop => None,
        }
    }

    /// Whether a receiver gets the message that comes now, by a pace that holds none.
    #[inline]
    pub fn admits(&mut self, pace: impl FnOnce(&mut P) -> &mut Paced<()>, key: u64) -> bool {
        let now = Moment(self.clock.ticks());
        pace(&mut self.paces).offer(now, key, &()) == Verdict::Pass
    }

    /// Lets other threads read what is counted from now on.
    pub(crate) fn publish(
        &mut self,
        block: Option<&Block>,
        services: &[bool; SERVICES],
        locals: &[bool],
        lane: Group<LaneWords>,
    ) -> &Published
    where
        P: Paces,
    {
        let mut published = Published::new(block, services, locals, lane);
        let mut paces = Vec::new();
        self.paces.each(&mut |spec, _| paces.push((spec, Group::of(block))));
        published.paces = paces.into();
        self.published.insert(Box::new(published))
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

    fn service_stats(&self, services: &[&'static str; SERVICES]) -> Stats
    where
        P: Paces,
    {
        let mut paces = Vec::new();
        self.paces.each(&mut |spec, counts| paces.push(pace_stats(spec, counts)));
        Stats {
            paces,
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

impl<L: Losses, const SERVICES: usize, O, P: Paces> Core<L, SERVICES, O, P> {
    /// Shows other threads what `local` routes have lost, and what paces have thinned out.
    pub(crate) fn publish_losses(&self) {
        let Some(published) = &self.published else { return };
        self.local.show(&published.locals);
        let mut words = published.paces.iter();
        self.paces.each(&mut |_, PaceCounts { thinned, too_many_keys }| {
            if let Some((_, words)) = words.next() {
                raise(&words.thinned, thinned);
                raise(&words.too_many_keys, too_many_keys);
            }
        });
    }

    /// Drops what waits in the `local` queue, after the call that would have drained it has failed. Returns the number of messages.
    pub fn abandon(&mut self) -> u64 {
        let lost = self.local.abandon();
        self.publish_losses();
        lost
    }
}

impl<const SERVICES: usize, O, P: Paces> Core<NoLocal, SERVICES, O, P> {
    /// A snapshot of the counters.
    pub fn stats(&self, services: &[&'static str; SERVICES], _edges: &[Edge; 0]) -> Stats {
        self.service_stats(services)
    }
}

impl<R: Room<Message: Waiting>, const EDGES: usize, const SERVICES: usize, O, P: Paces>
    Core<LocalQueue<R, EDGES>, SERVICES, O, P>
{
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
    /// The paces that are here.
    pub(crate) paces: Box<[PublishedPace]>,
}

/// A pace, and what it has counted.
pub(crate) type PublishedPace = (&'static PaceSpec, Group<PaceWords>);

impl Published {
    /// Of the services and routes that are here, a flag for each.
    pub(crate) fn new(block: Option<&Block>, services: &[bool], locals: &[bool], lane: Group<LaneWords>) -> Self {
        let routes = locals.iter().map(|is_here| is_here.then(|| Group::of(block))).collect();
        let services = services.iter().map(|is_here| is_here.then(|| Group::of(block))).collect();
        Self { services, locals: PublishedLocals { routes, lane }, paces: Box::default() }
    }
}
