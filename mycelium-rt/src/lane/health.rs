//! How the lanes of a system are seen from outside: their health, and a watchdog that reports those that are stuck.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::dead_letter::InFlightRecord;
use super::end::Control;
use super::rest::LaneWaker;
use super::spec::LaneSpec;
use crate::config::{Hooks, Stuck};
use crate::counters::{Group, LaneWords};
use crate::link::NotAccepted;
use crate::notice;
use crate::time::since_start;

/// The current time, in nanoseconds of [`since_start`].
pub(super) fn uptime() -> u64 {
    since_start(Instant::now())
}

/// What a lane is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// It takes turns, or is within a handler.
    Turning,
    /// It has nothing to do, and sleeps.
    Sleeping,
    /// It has ended.
    Ended,
}

/// How the lanes of a system are doing; a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Each lane, in declared order.
    pub lanes: Vec<LaneHealth>,
    /// Each ring from lane to lane.
    pub rings: Vec<RingHealth>,
    /// Each service behind a task.
    pub tasks: Vec<TaskHealth>,
    /// The messages of links that their peers do not accept: they are not sent, while all others are.
    pub not_accepted: Vec<NotAccepted>,
}

impl Health {
    /// The lane called `name`.
    #[must_use]
    pub fn lane(&self, name: &str) -> Option<&LaneHealth> {
        self.lanes.iter().find(|lane| lane.name == name)
    }

    /// The task of the service that the router calls `name`.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&TaskHealth> {
        self.tasks.iter().find(|task| task.name == name)
    }
}

/// How one lane is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaneHealth {
    /// The lane.
    pub name: &'static str,
    /// What it is doing.
    pub doing: Doing,
    /// How long ago its last turn was. A lane reads the clock in one of 32 turns and after each sleep, so this is accurate to within 32
    /// turns; for a lane that is stuck in a handler it is the age of that call.
    pub age: Duration,
    /// The number of turns so far.
    pub turns: u64,
    /// The number of top-level messages, calls of sources and calls of timers so far.
    pub handled: u64,
    /// Panics so far, or with `on_error: propagate` errors.
    pub panics: u64,
    /// Restarts so far.
    pub restarts: u64,
    /// Messages lost in panics: the current one, and what its cascade had queued by `local`.
    pub lost_in_panics: u64,
    /// Ticks of timers that were skipped, since they were late by a period or more, and by 10 ms at least.
    pub missed_ticks: u64,
}

/// How full one ring is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RingHealth {
    /// The lane that sends.
    pub from: &'static str,
    /// The lane that receives.
    pub to: &'static str,
    /// The service that it leads to, if it is the queue of one.
    pub service: Option<&'static str>,
    /// Messages that wait.
    pub depth: u64,
    /// The most messages that it holds.
    pub capacity: usize,
}

/// How one service behind a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskHealth {
    /// The service, as the router calls it.
    pub name: &'static str,
    /// The lane that owns it, which takes what it emits.
    pub lane: &'static str,
    /// What it is doing: [`Doing::Turning`] while it has messages, also in a pause before a restart.
    pub doing: Doing,
    /// Messages that wait for it, including the current one.
    pub waiting: u64,
    /// The most messages that its queue holds.
    pub capacity: usize,
    /// The number of messages taken so far.
    pub handled: u64,
    /// Panics so far.
    pub panics: u64,
    /// Restarts so far.
    pub restarts: u64,
    /// Messages lost in panics: the current one, or all that were delivered together.
    pub lost_in_panics: u64,
    /// Ticks of its timers that were skipped, since they were late by a period or more, and by 10 ms at least.
    pub missed_ticks: u64,
}

impl LaneHealth {
    pub(super) fn of(lane: &LaneState) -> Self {
        // All Relaxed: the numbers are independent, and each may be a moment old.
        let doing = match (lane.ended.load(Ordering::Relaxed), lane.asleep.load(Ordering::Relaxed)) {
            (true, _) => Doing::Ended,
            (false, true) => Doing::Sleeping,
            (false, false) => Doing::Turning,
        };
        Self {
            name: lane.name,
            doing,
            age: Duration::from_nanos(uptime().saturating_sub(lane.seen.load(Ordering::Relaxed))),
            turns: lane.words.turns.get(),
            handled: lane.in_flight.begun(),
            panics: lane.words.panics.get(),
            restarts: lane.words.restarts.get(),
            lost_in_panics: lane.words.lost_in_panics.get(),
            missed_ticks: lane.words.missed_ticks.get(),
        }
    }
}

/// One lane, as other threads see it. On cache lines of its own: it is written in every turn.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct LaneState {
    pub(super) name: &'static str,
    pub(super) waker: Arc<LaneWaker>,
    pub(super) in_flight: Arc<InFlightRecord>,
    /// Its counters.
    pub(super) words: Group<LaneWords>,
    /// When a turn last read the clock, in nanoseconds of [`uptime`].
    pub(super) seen: AtomicU64,
    /// Whether the lane sleeps, or waits at its end, and is not in a turn.
    pub(super) asleep: AtomicBool,
    pub(super) ended: AtomicBool,
}

impl LaneState {
    pub(super) fn new(name: &'static str, waker: Arc<LaneWaker>, words: Group<LaneWords>) -> Self {
        Self {
            name,
            waker,
            in_flight: Arc::new(InFlightRecord::new(words.clone())),
            seen: AtomicU64::new(0),
            asleep: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            words,
        }
    }
}

/// One lane that is watched.
#[derive(Debug)]
struct WatchedLane {
    lane: Arc<LaneState>,
    limit: Duration,
    /// The turns and messages of the lane when it last moved.
    seen: (u64, u64),
    moved: Instant,
    reported: bool,
}

impl WatchedLane {
    fn look(&mut self, now: Instant) -> Option<Stuck> {
        let seen = (self.lane.words.turns.get(), self.lane.in_flight.begun());
        let idle = self.lane.asleep.load(Ordering::Relaxed) || self.lane.ended.load(Ordering::Relaxed);
        if seen != self.seen || idle {
            (self.seen, self.moved, self.reported) = (seen, now, false);
            return None;
        }
        let since = now.saturating_duration_since(self.moved);
        if since < self.limit || self.reported {
            return None;
        }
        self.reported = true;
        Some(Stuck { lane: self.lane.name, since })
    }
}

/// Watches the lanes that ask for it until `end` is dropped.
pub(super) fn watch(control: &Control, lanes: &[LaneSpec], hooks: &Hooks, end: &Receiver<()>) {
    let now = Instant::now();
    let watched = lanes.iter().zip(&control.lanes).filter_map(|(spec, lane)| {
        let limit = spec.watchdog?;
        Some(WatchedLane { lane: Arc::clone(lane), limit, seen: (0, 0), moved: now, reported: false })
    });
    let mut watched: Vec<_> = watched.collect();
    let Some(shortest) = watched.iter().map(|lane| lane.limit).min() else { return };
    // A lane is reported after one and a quarter of its limit at the latest.
    let pause = shortest.checked_div(4).unwrap_or(shortest).max(Duration::from_millis(1));
    while end.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        for stuck in watched.iter_mut().filter_map(|lane| lane.look(Instant::now())) {
            notice::error!(hooks.notices, lane = stuck.lane, since = ?stuck.since, "stuck in a handler");
            hooks.stuck(&stuck);
        }
    }
}
