//! Drives one lane: turn after turn, from the first message to the last.
//!
//! This file takes turns, each of which is a [`turn`] of `routing`. `sleep` is how a lane goes to sleep, `failure` what follows a failure;
//! how a lane ends is in `lane/end`.

mod failure;
mod sleep;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use super::dead_letter::LaneWatch;
use super::end::{Control, Phase};
use super::health::LaneState;
use super::health::uptime;
use super::incoming::{Inbox, Incoming, turn_all};
use super::program::{LaneProgram, PartsOf, RouterFacts};
use super::spin_policy::{Idle, SpinPolicy};
use super::supervise::{Factory, Supervisor};
use crate::HandlerError;
use crate::clock::ClockSource;
use crate::config::Hooks;
use crate::link::Counters;
use crate::routing::timer_queue::TimerQueue;
use crate::routing::turn::{DueMethods, turn};
use crate::schedule::ScheduleSlot;
use crate::time::Ticks;
use crate::unwind::catch;

/// One lane at work.
pub(super) struct Executor<B: LaneProgram> {
    pub(super) body: B,
    /// The rings into this lane, by their index among the rings of the system.
    pub(super) rings: Vec<(usize, Incoming)>,
    /// The counters of the rings that begin here, by the same index.
    pub(super) outgoing: Vec<(usize, Counters)>,
    pub(super) inbox: Inbox,
    pub(super) timers: TimerQueue,
    pub(super) control: Arc<Control>,
    pub(super) state: Arc<LaneState>,
    pub(super) clock: ClockSource,
    pub(super) spin: SpinPolicy,
    pub(super) supervisor: Supervisor,
    pub(super) factory: Option<Factory<PartsOf<B>>>,
    pub(super) hooks: Hooks,
    pub(super) stage: Stage,
    /// When a lane that is never idle last flushed, in nanoseconds of [`uptime`].
    pub(super) flushed: u64,
    /// The pause before the next restart.
    pub(super) pausing: Option<Pausing>,
    /// What the lane waits for while it drains.
    pub(super) awaits: Awaits,
    /// Whether the lane has come to its end, or has broken down.
    pub(super) over: bool,
    pub(super) waker: Waker,
    /// The lane's place in a schedule, in a test.
    pub(super) schedule_slot: Option<ScheduleSlot>,
}

/// How long a lane that is never idle holds back an incomplete batch, in nanoseconds, as far as it reads the clock that often.
const LONGEST_HOLD: u64 = 1_000_000;

/// How far the lane has come on the way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It takes everything.
    Running,
    /// Sources and timers have stopped; inputs and senders are emptied and closed. This many turns have gone into that.
    Closing(u32),
    /// Only what other lanes send is left.
    Draining,
    /// It failed for good, and takes nothing more.
    Broken,
}

/// A failed lane that waits for its restart. It takes no turns meanwhile.
#[derive(Debug)]
pub(super) struct Pausing {
    /// By the router's clock.
    pub(super) until: Ticks,
    /// Why it failed.
    pub(super) reason: String,
}

/// What a draining lane waits for, as of its last turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaits {
    /// Not known yet: it must not sleep before it is.
    Look,
    /// Its tasks, which don't wake it when they are done.
    Tasks,
    /// Other lanes.
    Lanes,
}

/// An error that a lane treats as a panic; boxed, so that the results of turns stay small.
type Failure = Box<HandlerError>;

/// Why a lane stops taking turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There is nothing to do.
    Sleep,
    /// There is more to do, but other tasks want to run.
    #[cfg(feature = "tokio")]
    Yield,
    /// There is nothing to do, and never will be.
    End,
}

impl<B: LaneProgram> Executor<B> {
    /// Drives the lane on this thread until it ends.
    pub(super) fn run(&mut self) {
        while self.step() != Step::End {
            self.sleep();
        }
    }

    /// Takes turns until there is nothing to do.
    pub(super) fn step(&mut self) -> Step {
        if !self.is_ready() {
            return Step::Sleep;
        }
        while self.stage != Stage::Broken {
            let failure = match catch(|| self.turns()) {
                Ok(Ok(step)) => return step,
                Ok(Err(error)) => error.to_string(),
                Err(reason) => reason,
            };
            self.failed(&failure);
            if !self.is_ready() {
                return Step::Sleep;
            }
            if let Some(schedule_slot) = &self.schedule_slot {
                schedule_slot.end_turn(true);
            }
        }
        Step::End
    }

    fn turns(&mut self) -> Result<Step, Failure> {
        loop {
            if let Some(schedule_slot) = &self.schedule_slot {
                schedule_slot.await_turn();
                self.spin.glance_next();
            }
            let busy = self.turn()?;
            let (phase, stage) = (self.control.phase(), self.stage);
            if phase != Phase::Running && self.has_drained(phase, busy) {
                self.over = true;
                return Ok(Step::End);
            }
            // What an idle lane flushes, others may find: under a schedule this counts as work.
            let flushes = if busy { self.holds_for_long() } else { self.spin.is_fresh() };
            if flushes {
                self.body.flush();
            }
            if let Some(schedule_slot) = &self.schedule_slot {
                schedule_slot.end_turn(busy || flushes || self.stage != stage);
            }
            if busy {
                self.spin.busy();
                #[cfg(feature = "tokio")]
                if self.spin.is_due_to_yield() && self.schedule_slot.is_none() {
                    return Ok(Step::Yield);
                }
            } else if self.spin.idle() == Idle::Sleep && self.schedule_slot.is_none() {
                return Ok(Step::Sleep);
            }
        }
    }

    /// Whether a lane that is never idle has not flushed for a while: a batch without a delay of its own might never be complete.
    #[inline]
    fn holds_for_long(&mut self) -> bool {
        // As of the last read of the clock.
        let now = self.state.seen.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(self.flushed) >= LONGEST_HOLD;
        if is_due {
            self.flushed = now;
        }
        is_due
    }

    /// Takes one turn. Returns whether there was anything to do.
    #[inline]
    fn turn(&mut self) -> Result<bool, Failure> {
        self.state.words.turns.add(1);
        let look = self.spin.glance();
        if look {
            // Relaxed: it is a time that others read, and orders nothing.
            self.state.seen.store(uptime(), Ordering::Relaxed);
            self.inbox.sweep();
        }
        let Self { body, rings, inbox, timers, control, state, clock, stage, .. } = self;
        let watch = LaneWatch::new(&state.in_flight, &control.cutoff);
        let arrived = |body: &mut B, first: &mut Option<HandlerError>| {
            let taken = turn_all(rings.iter_mut().map(|(_, ring)| ring), body, watch, first);
            match B::PROPAGATES && first.is_some() {
                true => taken,
                false => taken + inbox.turn(body, watch, first),
            }
        };
        // The clock is read only if something is due by it, and then in each turn that did something and in some idle ones.
        let due = DueMethods { timers: &mut *timers, clock, missed: &state.words.missed_ticks, look };
        let due = (*stage == Stage::Running).then_some(due);
        let mut first = None;
        let done = turn(body, watch, &mut first, arrived, due);
        for _ in 0..timers.take_ended() {
            control.remove_producer();
        }
        first.map_or(Ok(done > 0), |error| Err(Box::new(error)))
    }
}

/// The sources and timers of the services of a lane. Each timer is due one period after `now`.
pub(super) fn timers_of(router: &RouterFacts, lane: usize, now: Ticks) -> TimerQueue {
    let mut timers = TimerQueue::new();
    let services = router.services.iter().enumerate();
    for (index, spec) in services.filter(|(_, spec)| spec.lane == lane && !spec.task) {
        timers.add(index, spec.name, spec.sources, spec.timers, now);
    }
    timers
}
