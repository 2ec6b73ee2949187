//! What the code that `routing_config!` writes calls to handle the ends of a lane: links, rings and services.

use super::error::StartError;
use super::held::{Held, Owned};
use super::program::{LaneProgram, RouterSpec};
use super::spec::RingSpec;
use super::start::Opening;
use super::topology::{Solved, Topology};
use crate::link::queue::{Full as QueueFull, QueueReceiver, QueueSender};
use crate::link::transport::Transport;
use crate::link::{ConfigError, Link, OnFull, RingSender, SendError};
use crate::message::Message;
use crate::routing::core::Core;
use crate::routing::local::{Edge, Losses};
use crate::routing::pace::{PaceCounts, Paces, pace_stats};
use crate::routing::{Counted, local_stats};
use crate::unwind::discard;

macro_rules! always_here {
    ($($end:ty where [$($generics:tt)*]),*) => {$(
        impl<$($generics)*> Held for $end {
            type End = Self;

            #[inline(always)]
            fn here(&mut self) -> Option<&mut Self> {
                Some(self)
            }

            #[inline(always)]
            fn seen(&self) -> Option<&Self> {
                Some(self)
            }
        }
    )*};
}
#[cfg(feature = "tokio")]
pub(crate) use always_here;

always_here!(Link<T> where [T: Transport], RingSender where []);

/// An end by which a router sends.
pub trait Sends {
    /// Does what is due.
    fn poll(&mut self);
    /// Writes out what it holds, as far as there is room. Returns whether it is a link that holds more.
    fn flush(&mut self) -> bool;
}

impl<T: Transport> Sends for Link<T> {
    #[inline]
    fn poll(&mut self) {
        Link::poll(self);
    }

    #[inline]
    fn flush(&mut self) -> bool {
        !Link::flush(self)
    }
}

impl Sends for RingSender {
    #[inline]
    fn poll(&mut self) {
        RingSender::poll(self);
    }

    #[inline]
    fn flush(&mut self) -> bool {
        RingSender::flush(self);
        false
    }
}

impl<E: Sends> Sends for Option<E> {
    #[inline]
    fn poll(&mut self) {
        if let Some(end) = self {
            end.poll();
        }
    }

    #[inline]
    fn flush(&mut self) -> bool {
        self.as_mut().is_some_and(Sends::flush)
    }
}

/// Sends a message to another lane.
///
/// # Errors
/// The error of the ring.
#[inline]
pub fn pass_on<M: Message>(ring: &mut impl Held<End = RingSender>, message: &M) -> Result<(), SendError> {
    ring.here().map_or(Ok(()), |ring| ring.send(message))
}

/// Sends a message back to an earlier service, where one thread drives a router with lanes.
///
/// # Errors
/// The queue is full.
#[inline]
pub fn hand_back<M: Message>(queue: &mut Option<QueueSender>, message: &M) -> Result<(), QueueFull> {
    queue.as_mut().map_or(Ok(()), |queue| queue.send(message, OnFull::Block))
}

/// The number of messages in a queue, if it is here.
pub fn left_in_queue(from: &impl Held<End = QueueReceiver>, to: &impl Held<End = QueueSender>) -> u64 {
    from.seen().zip(to.seen()).map_or(0, |(from, to)| from.left(to.queued()))
}

/// Closes a ring to another lane. The receiver takes what was sent, or counts it as left.
pub fn close_ring(ring: &mut impl Held<End = RingSender>) {
    if let Some(ring) = ring.here() {
        ring.close();
    }
}

/// Lets other threads read the counters of the services that are `held`, and of the `local` routes and paces that are here.
pub fn publish<L: Losses, const SERVICES: usize, O, Q: Paces, P>(
    core: &mut Core<L, SERVICES, O, Q>,
    held: &[bool; SERVICES],
    edges: &'static [Edge],
    edges_here: &[bool],
    opening: &mut Opening<'_, P>,
) {
    let Some(words) = opening.words() else { return };
    let published = core.publish(opening.config().block(), held, edges_here, words);
    for (service, words) in published.services.iter().enumerate() {
        if let Some(words) = words {
            opening.errors(service, words);
        }
    }
    if !published.paces.is_empty() {
        let paces = published.paces.clone();
        opening.contribute(move |stats| {
            stats.paces.extend(paces.iter().map(|(spec, words)| pace_stats(spec, PaceCounts::published(words))));
        });
    }
    if !edges_here.contains(&true) {
        return;
    }
    let locals = published.locals.clone();
    opening.contribute(move |stats| {
        let here = edges.iter().zip(&locals.routes).filter_map(|(edge, words)| Some((edge, words.as_ref()?)));
        stats.locals.extend(here.map(|(edge, words)| local_stats(edge, Counted::published(words))));
        stats.local_lost = stats.locals.iter().map(|local| local.lost).sum();
        stats.drain_limits += locals.lane.drain_limits.get();
    });
}

/// Publishes what `local` routes have lost so far, and what paces have thinned out.
pub fn publish_losses<L: Losses, const SERVICES: usize, O, P: Paces>(core: &Core<L, SERVICES, O, P>) {
    core.publish_losses();
}

/// The service, which must be there.
///
/// # Errors
/// It is missing, which would be a defect of the start.
pub fn present<B: LaneProgram, S>(service: Option<S>) -> Result<S, StartError> {
    let lane = B::Router::LANES.get(B::LANE).map_or("", |lane| lane.name);
    service.ok_or_else(|| StartError::Panicked { lane, text: "a service is missing".to_owned() })
}

/// Replaces a service by a new one. A panic in the drop of the old one is ignored.
pub fn replace<S: 'static>(place: &mut impl Owned<S>, service: Option<S>) {
    if let (Some(place), Some(service)) = (place.get(), service) {
        let _ = discard(std::mem::replace(place, service));
    }
}

/// Puts a service back among the others, if it is here.
pub fn put_back<S: 'static>(service: impl Owned<S>, into: &mut Option<S>) {
    if let Some(service) = service.into_option() {
        *into = Some(service);
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Link(error.into())
    }
}

/// The number of these rings that exist.
#[must_use]
pub const fn count(candidates: &[Option<RingSpec>]) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < candidates.len() {
        count += candidates[index].is_some() as usize;
        index += 1;
    }
    count
}

/// The rings that exist.
#[must_use]
pub const fn existing<const N: usize>(candidates: &[Option<RingSpec>]) -> [RingSpec; N] {
    let mut rings = [RingSpec::NONE; N];
    let (mut count, mut index) = (0, 0);
    while index < candidates.len() {
        if let Some(ring) = candidates[index] {
            rings[count] = ring;
            count += 1;
        }
        index += 1;
    }
    rings
}

/// The index of a ring among those that exist.
#[must_use]
pub const fn rank(candidates: &[Option<RingSpec>], ring: usize) -> Option<usize> {
    // A router that its owner drives has no rings.
    if ring >= candidates.len() || candidates[ring].is_none() {
        return None;
    }
    Some(count(candidates.split_at(ring).0))
}

/// The lanes that receive messages of a route.
#[must_use]
pub const fn receiving<const N: usize, const L: usize, const R: usize, const S: usize, const K: usize>(
    solved: &Solved<L, R, S, K>,
    topology: &Topology,
    route: usize,
) -> [usize; N] {
    let mut lanes = [0; N];
    let (mut count, mut lane) = (0, 0);
    while lane < L {
        if solved.receives(topology, lane, route) {
            lanes[count] = lane;
            count += 1;
        }
        lane += 1;
    }
    lanes
}
