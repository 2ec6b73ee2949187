//! The handle to a running system.

use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::end::{Control, Phase};
use super::health::{Health, LaneHealth, RingHealth};
use super::program::{Routed, RouterFacts, RouterSpec};
use super::sender::{Admission, Sender};
#[cfg(all(unix, feature = "signals"))]
use super::signals::Signals;
use super::start::Watched;
use crate::Message;
use crate::counters::Block;
use crate::link::closing::Left;
use crate::link::{Counters, NotAccepted};
use crate::routing::{NamedLinkStats, ServiceStats, Stats};
use crate::time::after;

/// A running system, as `Trading::start` returns it.
///
/// Dropping it begins to shut the system down, without waiting for that: the system ends within
/// [`Config::end_within`](crate::Config::end_within), as by a [`shutdown`](Self::shutdown) with that deadline.
pub struct Running<S: RouterSpec> {
    lanes: RunningLanes,
    /// See [`Launcher`](super::start::Launcher).
    parts: Arc<Mutex<S::Parts>>,
}

/// What a running system has that does not depend on its types.
pub(super) struct RunningLanes {
    pub(super) router: RouterFacts,
    pub(super) admission: Arc<Admission>,
    pub(super) rings: Vec<RingEnds>,
    pub(super) watched: Watched,
    /// Holds all its counters.
    pub(super) block: Option<Block>,
    pub(super) threads: Vec<JoinHandle<()>>,
    /// Ends the watchdog when it is dropped.
    pub(super) _end_watch: mpsc::Sender<()>,
}

/// The counters at both ends of a ring.
#[derive(Debug)]
pub(super) struct RingEnds {
    pub(super) index: usize,
    pub(super) sent: Counters,
    pub(super) received: Counters,
}

impl RingEnds {
    /// The number of messages that wait. What its lane takes in a turn is counted when the turn ends: until then this includes it, and can
    /// be more than the ring holds.
    fn depth(&self) -> u64 {
        // The receiving end first: else what is taken meanwhile could make the difference negative.
        let received = self.received.received.get();
        self.sent.sent.get().saturating_sub(received)
    }

    /// The same in a ring that holds at most `room`.
    fn waiting(&self, room: usize) -> u64 {
        self.depth().min(room as u64)
    }
}

/// What a system gives back when it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shutdown<Services> {
    /// The services, including those behind tasks. Those of a lane that stopped after a panic are as the panic left them.
    pub services: Services,
    /// Messages that were accepted but not delivered.
    pub left: Left,
    /// The lane that stopped by itself, if one did.
    pub broken: Option<Broken>,
    /// All counters as of the end, including what was written and lost during the shutdown.
    pub stats: Stats,
    /// The health of the lanes as of the end: panics, restarts, lost messages.
    pub health: Health,
}

/// A lane that stopped by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The lane.
    pub lane: &'static str,
    /// The message of the panic, or with `on_error: propagate` the error.
    pub reason: String,
}

impl<S: RouterSpec> Running<S> {
    pub(super) fn new(lanes: RunningLanes, parts: Arc<Mutex<S::Parts>>) -> Self {
        Self { lanes, parts }
    }

    /// A sender of `M` to every lane that has a receiver of it.
    ///
    /// This never fails; each [`send`](Sender::send) reports whether the sender can send.
    #[must_use]
    pub fn sender<M: Message>(&self) -> Sender<M>
    where
        S: Routed<M>,
    {
        Sender::new(Arc::clone(&self.lanes.admission), <S as Routed<M>>::LANES)
    }

    /// Ends the system, and gives the services back.
    ///
    /// Sources, timers and senders stop; inputs take what has arrived, and close. Then every lane goes on until all lanes that send to it
    /// have ended and nothing is left, so the end follows the routes and nothing is lost. Links write what they hold, services shut
    /// down in reverse order, threads are joined.
    ///
    /// After `deadline`, counted from now, each lane ends after its current message, senders that wait for room stop waiting, tasks end
    /// where they wait, and what is left is reported in [`Shutdown::left`]. A handler that does not return can't be interrupted: this then
    /// waits for it.
    ///
    /// It blocks the calling thread, which must not be the only one of a tokio runtime that tasks of this system run on: call it
    /// outside of such a runtime, or by `tokio::task::spawn_blocking`. So does [`join`](Self::join).
    pub fn shutdown(self, deadline: Duration) -> Shutdown<S::Services> {
        self.lanes.control().drain(Some(after(deadline)));
        self.end()
    }

    /// Waits until the system ends by itself, and gives the services back.
    ///
    /// It ends when nothing new can come in and everything is delivered: there are no inputs, all sources have finished, and all
    /// [senders](Sender) are dropped. Timers alone do not keep it running, unless there never was a source. It also ends when a lane
    /// stops after a panic, within [`Config::end_within`](crate::Config::end_within) of that.
    pub fn join(self) -> Shutdown<S::Services> {
        self.lanes.stop_producing();
        self.end()
    }

    #[cfg(all(unix, feature = "signals"))]
    /// Waits for SIGINT or SIGTERM, or until the system ends by itself as for [`join`](Self::join); then shuts down as
    /// [`shutdown`](Self::shutdown) does, with `deadline` counted from the signal. A second signal ends it at once, as if the deadline had
    /// passed.
    pub fn shutdown_on(self, signals: Signals, deadline: Duration) -> Shutdown<S::Services> {
        let _listening = signals.listen(Arc::clone(&self.lanes.admission.control), deadline);
        self.join()
    }

    fn end(mut self) -> Shutdown<S::Services> {
        let (left, broken) = self.lanes.end();
        let parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(services) = S::join(parts) else {
            unreachable!("every lane has given back its services");
        };
        Shutdown { services, left, broken, stats: self.stats(), health: self.health() }
    }

    /// Whether the system has not begun to shut down, on request or by itself.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.lanes.is_running()
    }

    /// The health of the lanes, and of the services behind tasks.
    #[must_use]
    pub fn health(&self) -> Health {
        self.lanes.health()
    }

    /// A snapshot of all counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.lanes.stats()
    }

    /// The lines of the block of counters: those in use, and all.
    #[doc(hidden)]
    #[must_use]
    pub fn counted_lines(&self) -> (usize, usize) {
        self.lanes.block.as_ref().map_or((0, 0), Block::usage)
    }
}

impl RunningLanes {
    /// The handle is no longer a producer: the system ends once nothing else brings anything in.
    fn stop_producing(&self) {
        let has_timers = self.router.services.iter().any(|service| !service.timers.is_empty());
        if self.router.sources() == 0 && !has_timers {
            // The handle was counted as a producer.
            self.control().remove_producer();
        }
    }

    /// Waits until all lanes have ended. Returns what is left, and the lane that stopped by itself.
    fn end(&mut self) -> (Left, Option<Broken>) {
        self.control().go_on();
        self.control().await_end();
        for thread in std::mem::take(&mut self.threads) {
            // A lane that panics outside of services would be a defect of the runtime; its services are missing then.
            let _ = thread.join();
        }
        let mut left = self.control().take_left();
        for ring in &self.rings {
            // What a ring that `stats` does not show has refused: its sender gave up, or its receiver was gone.
            let is_shown = self.router.queue_service(ring.index).is_some();
            let refused = if is_shown { 0 } else { ring.sent.dropped_error.get() };
            left.add(self.router.ring_name(ring.index), ring.depth() + refused);
        }
        (left, self.control().broken().map(|(lane, reason)| Broken { lane, reason }))
    }

    fn is_running(&self) -> bool {
        self.control().phase() == Phase::Running
    }

    fn health(&self) -> Health {
        Health {
            lanes: self.control().lanes.iter().map(|lane| LaneHealth::of(lane)).collect(),
            rings: self.rings.iter().filter_map(|ring| ring_health(&self.router, ring)).collect(),
            tasks: self.watched.tasks.iter().map(|watch| (watch.look)()).collect(),
            not_accepted: self.not_accepted(),
        }
    }

    /// Over all links; a link that begins on several lanes counts once.
    fn not_accepted(&self) -> Vec<NotAccepted> {
        let mut all: Vec<NotAccepted> = Vec::new();
        let links = self.watched.links.iter();
        for it in links.flat_map(|(name, counters)| counters.not_accepted_by_message(name)) {
            match all.iter_mut().find(|known| (known.link, known.id) == (it.link, it.id)) {
                Some(known) => {
                    known.count = known.count.saturating_add(it.count);
                    known.is_current |= it.is_current;
                }
                None => all.push(it),
            }
        }
        all
    }

    fn stats(&self) -> Stats {
        let missed_ticks = self.control().lanes.iter().map(|lane| lane.words.missed_ticks.get()).sum();
        let mut stats = Stats { missed_ticks, ..Stats::default() };
        stats.services.extend(self.router.services.iter().map(|service| ServiceStats::new(service.name, 0)));
        for (service, words) in &self.watched.services {
            stats.add_task(*service, words.errors.get());
        }
        for watch in &self.watched.tasks {
            let task = (watch.look)();
            stats.add_panics(watch.service, task.panics, task.restarts, task.lost_in_panics);
            stats.add_missed_ticks(watch.service, task.missed_ticks);
        }
        stats.links = sum_by_name(&self.watched.links);
        stats.not_accepted = self.not_accepted();
        stats.inputs = sum_by_name(&self.watched.inputs);
        for input in &mut stats.inputs {
            let at = self.watched.addresses.iter().find(|(name, _)| *name == input.name);
            input.address = at.map(|(_, address)| *address);
        }
        let queues = self.rings.iter().filter_map(|ring| Some((self.router.queue_service(ring.index)?, ring)));
        let queues = queues.flat_map(|(name, ring)| [(name, ring.sent.clone()), (name, ring.received.clone())]);
        let queues: Vec<_> = queues.chain(self.watched.queues.iter().cloned()).collect();
        stats.queues = sum_by_name(&queues);
        self.watched.task_messages.iter().for_each(|task| task.add_to(&mut stats));
        for contribution in &self.watched.contributions {
            (contribution.0)(&mut stats);
        }
        stats
    }

    fn control(&self) -> &Control {
        &self.admission.control
    }
}

fn sum_by_name(counters: &[(&'static str, Counters)]) -> Vec<NamedLinkStats> {
    let mut all: Vec<NamedLinkStats> = Vec::new();
    for (name, counters) in counters {
        let stats = counters.snapshot();
        match all.iter_mut().find(|entry| entry.name == *name) {
            Some(entry) => entry.stats += stats,
            None => all.push(NamedLinkStats::new(name, stats)),
        }
    }
    all
}

fn ring_health(router: &RouterFacts, ring: &RingEnds) -> Option<RingHealth> {
    let spec = router.rings.get(ring.index)?;
    Some(RingHealth {
        from: router.lanes.get(spec.from)?.name,
        to: router.lanes.get(spec.to)?.name,
        service: router.queue_service(ring.index),
        depth: ring.waiting(spec.kind.room()),
        capacity: spec.kind.room(),
    })
}

impl Drop for RunningLanes {
    fn drop(&mut self) {
        self.control().drain_unasked();
        self.control().go_on();
    }
}

impl<S: RouterSpec> std::fmt::Debug for Running<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("system", &S::NAME)
            .field("running", &self.lanes.is_running())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ring_shows_more_messages_than_it_holds() {
        let ends = RingEnds { index: 0, sent: Counters::default(), received: Counters::default() };
        ends.sent.sent.add(1088);
        assert_eq!((ends.waiting(1024), ends.depth()), (1024, 1088));
        ends.received.received.add(64);
        assert_eq!((ends.waiting(1024), ends.waiting(2048)), (1024, 1024));
        ends.received.received.add(2000);
        assert_eq!((ends.waiting(1024), ends.depth()), (0, 0));
    }
}
