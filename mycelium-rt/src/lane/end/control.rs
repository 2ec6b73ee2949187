//! What the lanes of a system share: the phase that they are in, and how many have come how far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Ledger;
use super::tasks::Endings;
use crate::cutoff::Cutoff;
use crate::lane::executor::Stage;
use crate::lane::health::LaneState;
use crate::link::Interrupt;
use crate::link::closing::Left;
use crate::schedule::Schedule;
use crate::time::after;

/// How far a system has come on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lane) enum Phase {
    /// It runs.
    Running,
    /// Sources, timers and senders have stopped; what is on its way is delivered.
    Draining,
    /// The deadline has passed: nothing is delivered any more.
    Cut,
}

/// Shared by all lanes of a system and the handle to it.
#[derive(Debug)]
pub(in crate::lane) struct Control {
    /// Whether the end has begun.
    ending: AtomicBool,
    /// When draining ends, on each lane by itself. It may be set later than `ending`; the one that sets it wakes the lanes.
    pub(in crate::lane) cutoff: Arc<Cutoff>,
    /// How long the end may take where no deadline is given.
    end_within: Duration,
    /// The lanes, in declared order.
    pub(in crate::lane) lanes: Box<[Arc<LaneState>]>,
    /// What went through each ring, in the order of [`RouterSpec::RINGS`](crate::lane::RouterSpec::RINGS).
    pub(in crate::lane) ledger: Ledger,
    progress: Mutex<Progress>,
    changed: Condvar,
    /// The waits of senders, links and tasks, which end at the deadline.
    interrupts: Mutex<Vec<Interrupt>>,
    /// The tasks that learn when the end begins.
    endings: Endings,
    /// Decides in a test which lane runs.
    pub(in crate::lane) schedule: Option<Schedule>,
}

/// How far lanes and services have come on the way to the end.
#[derive(Debug)]
struct Progress {
    /// What may still bring in something new: inputs, sources, senders, and the handle.
    producers: usize,
    /// The number of lanes that have taken everything and closed their ends.
    closed: usize,
    /// The services below this index have not shut down yet.
    to_shut_down: usize,
    /// The number of lanes that have given back their services.
    ended: usize,
    left: Left,
    /// The lane that stopped by itself, and why.
    broken: Option<(&'static str, String)>,
}

impl Control {
    pub(in crate::lane) fn new(
        lanes: Vec<Arc<LaneState>>,
        ledger: Ledger,
        services: usize,
        producers: usize,
        schedule: Option<Schedule>,
        end_within: Duration,
    ) -> Self {
        let progress =
            Progress { producers, closed: 0, to_shut_down: services, ended: 0, left: Left::default(), broken: None };
        Self {
            ending: AtomicBool::new(false),
            cutoff: Arc::default(),
            end_within,
            lanes: lanes.into(),
            ledger,
            progress: Mutex::new(progress),
            changed: Condvar::new(),
            interrupts: Mutex::new(Vec::new()),
            endings: Endings::default(),
            schedule,
        }
    }

    /// Until the end begins, this is one load of a cache line that nobody writes.
    #[inline(always)]
    pub(in crate::lane) fn phase(&self) -> Phase {
        // Partner: the store in `drain`.
        match self.ending.load(Ordering::Acquire) {
            false => Phase::Running,
            true if self.cutoff.has_passed() => Phase::Cut,
            true => Phase::Draining,
        }
    }

    /// Whether a lane at this stage has seen the phase. If not, it must not sleep.
    pub(in crate::lane) fn is_known_at(&self, stage: Stage) -> bool {
        match self.phase() {
            Phase::Running => true,
            Phase::Draining => stage != Stage::Running,
            Phase::Cut => false,
        }
    }

    /// Begins to drain, until `deadline`; of several deadlines the earliest counts.
    pub(in crate::lane) fn drain(&self, deadline: Option<Instant>) {
        if let Some(deadline) = deadline {
            self.cutoff.bring_forward(deadline);
            self.interrupts().iter().for_each(|interrupt| interrupt.set_at(deadline));
        }
        // Partner: `phase`.
        self.ending.store(true, Ordering::Release);
        // Also those that sleep until a later deadline.
        self.wake_lanes();
        self.endings.begin();
        self.notify();
    }

    /// Begins to drain where no deadline is given: within [`Config::end_within`](crate::Config::end_within).
    pub(in crate::lane) fn drain_unasked(&self) {
        let deadline = (!self.cutoff.is_set()).then(|| after(self.end_within));
        self.drain(deadline);
    }

    /// Ends every wait; the lanes end without delivering what is left.
    #[cfg(feature = "signals")]
    pub(in crate::lane) fn cut(&self) {
        self.drain(Some(Instant::now()));
    }

    /// Lanes under a schedule are not held back any more: the owner waits for the end, or is gone.
    pub(in crate::lane) fn go_on(&self) {
        if let Some(schedule) = &self.schedule {
            schedule.run_freely();
        }
    }

    pub(in crate::lane) fn wake_lanes(&self) {
        self.lanes.iter().for_each(|lane| lane.waker.notify());
    }

    /// The time until which links may write what they hold.
    pub(in crate::lane) fn deadline(&self) -> Instant {
        self.cutoff.time().unwrap_or_else(|| after(self.end_within))
    }

    /// Ends this wait at the deadline.
    pub(in crate::lane) fn interrupt_at_deadline(&self, interrupt: Interrupt) {
        let mut interrupts = self.interrupts();
        // Read under the lock: a deadline that is set later finds this interrupt in the list.
        if let Some(deadline) = self.cutoff.time() {
            interrupt.set_at(deadline);
        }
        // Senders come and go.
        interrupts.retain(|interrupt| !interrupt.is_unused());
        interrupts.push(interrupt);
    }

    /// Tells this task when the system begins to end.
    #[cfg(feature = "tokio")]
    pub(in crate::lane) fn tell_ending(&self, ending: super::Ending) {
        self.endings.add(ending, || self.phase() != Phase::Running);
    }

    /// Counts another producer; false if the end has begun, so that it can bring in nothing.
    pub(in crate::lane) fn add_producer(&self) -> bool {
        let mut progress = self.progress();
        if self.phase() != Phase::Running {
            return false;
        }
        progress.producers += 1;
        true
    }

    /// A producer is gone. The last one begins the end.
    pub(in crate::lane) fn remove_producer(&self) {
        let mut progress = self.progress();
        progress.producers = progress.producers.saturating_sub(1);
        let last = progress.producers == 0;
        drop(progress);
        if last {
            self.drain(None);
        }
    }

    /// A lane stops for good, and with it the system.
    pub(in crate::lane) fn break_down(&self, lane: &'static str, reason: &str) {
        self.progress().broken.get_or_insert_with(|| (lane, reason.to_owned()));
        self.drain_unasked();
    }

    /// A lane has closed its ends; `left` is what it has not delivered.
    pub(in crate::lane) fn lane_closed(&self, left: Left) {
        let mut progress = self.progress();
        progress.closed += 1;
        progress.left.append(left);
        drop(progress);
        self.notify();
    }

    /// Waits until all lanes have closed their ends, and the services after the one at `index` have shut down.
    pub(in crate::lane) fn await_shutdown_of(&self, index: usize) {
        let mut progress = self.progress();
        while progress.closed < self.lanes.len() || progress.to_shut_down > index + 1 {
            progress = self.wait(progress);
        }
    }

    /// The service at `index` has shut down.
    pub(in crate::lane) fn has_shut_down(&self, index: usize) {
        let mut progress = self.progress();
        progress.to_shut_down = progress.to_shut_down.min(index);
        drop(progress);
        self.notify();
    }

    /// A lane has given back its services.
    pub(in crate::lane) fn lane_ended(&self, lane: usize) {
        if let Some(lane) = self.lanes.get(lane) {
            // Partner: the load in `Health`.
            lane.ended.store(true, Ordering::Release);
        }
        self.progress().ended += 1;
        self.notify();
    }

    /// Waits until every lane has ended.
    pub(in crate::lane) fn await_end(&self) {
        let mut progress = self.progress();
        while progress.ended < self.lanes.len() {
            progress = self.wait(progress);
        }
    }

    /// Takes what was not delivered.
    pub(in crate::lane) fn take_left(&self) -> Left {
        std::mem::take(&mut self.progress().left)
    }

    /// The lane that stopped by itself, and why.
    pub(in crate::lane) fn broken(&self) -> Option<(&'static str, String)> {
        self.progress().broken.clone()
    }

    fn wait<'a>(&self, progress: MutexGuard<'a, Progress>) -> MutexGuard<'a, Progress> {
        self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner)
    }

    fn notify(&self) {
        // Under the lock, so that no waiter is between its check and its sleep.
        let _progress = self.progress();
        self.changed.notify_all();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn interrupts(&self) -> MutexGuard<'_, Vec<Interrupt>> {
        self.interrupts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
