//! What drives one lane: turn after turn, from the first message to the last.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use super::agenda::{Agenda, Sleep};
use super::control::{Control, LaneState, Phase};
use super::health::uptime;
use super::hooks::Hooks;
use super::inbox::Inbox;
use super::incoming::Incoming;
use super::left::Left;
use super::park::Parking;
use super::patience::{Idle, Patience};
use super::supervise::{Factory, Supervisor, Verdict, made_anew, panic_text};
use super::system::{Body, Failure, System, Turn};
use crate::link::Counters;
use crate::routing::__private::ClockSource;
use crate::testing::Seat;

/// Turns in which inputs are emptied before they are closed all the same: a peer that never stops sending must not keep the system
/// from ending.
const CLOSING_TURNS: u32 = 1024;

/// How long a draining lane sleeps that waits for its tasks: they don't wake it when they are done.
const TASK_NAP: Duration = Duration::from_millis(1);

/// One lane at work.
pub(super) struct Executor<B: Body> {
    pub(super) body: B,
    /// The rings into this lane, by their index among the rings of the system.
    pub(super) rings: Vec<(usize, Incoming)>,
    /// What went into the rings that begin here, by the same index.
    pub(super) outgoing: Vec<(usize, Arc<Counters>)>,
    pub(super) inbox: Inbox,
    pub(super) agenda: Agenda,
    pub(super) control: Arc<Control>,
    pub(super) state: Arc<LaneState>,
    pub(super) clock: ClockSource,
    pub(super) patience: Patience,
    pub(super) supervisor: Supervisor,
    pub(super) factory: Option<Factory<B::System>>,
    pub(super) hooks: Hooks,
    pub(super) stage: Stage,
    /// Whether the lane has come to its end, or has broken down.
    pub(super) over: bool,
    pub(super) waker: Waker,
    /// The lane's place in a schedule, in a test.
    pub(super) seat: Option<Seat>,
}

/// How far the lane has come on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It takes everything.
    Running,
    /// Sources and timers have stopped; inputs and senders are emptied and closed. So many turns have gone into that.
    Closing(u32),
    /// Only what other lanes send is left.
    Draining,
    /// It failed for good, and takes nothing more.
    Broken,
}

/// Why a lane stops turning for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There is nothing to do.
    Sleep,
    /// There is more to do, but others want to run, too.
    #[cfg(feature = "tokio")]
    Yield,
    /// There is nothing to do, and never will be.
    End,
}

impl<B: Body> Executor<B> {
    /// Drives the lane on this thread until it ends.
    pub(super) fn run(&mut self) {
        while self.step() != Step::End {
            self.sleep();
        }
    }

    /// Turns until there is nothing to do.
    pub(super) fn step(&mut self) -> Step {
        loop {
            let failure = match catch_unwind(AssertUnwindSafe(|| self.turns())) {
                Ok(Ok(step)) => return step,
                Ok(Err(error)) => error.to_string(),
                Err(panic) => panic_text(&*panic),
            };
            self.failed(&failure);
            if let Some(seat) = &self.seat {
                seat.end_turn(true);
            }
            if self.stage == Stage::Broken {
                return Step::End;
            }
        }
    }

    fn turns(&mut self) -> Result<Step, Failure> {
        loop {
            if let Some(seat) = &self.seat {
                seat.await_turn();
                self.patience.glance_next();
            }
            let busy = self.turn()?;
            let phase = self.control.phase();
            if phase != Phase::Running && self.has_drained(phase, busy) {
                self.over = true;
                return Ok(Step::End);
            }
            // What an idle lane flushes may be there for others to take.
            let flushes = !busy && self.patience.is_fresh();
            if flushes {
                self.body.flush();
            }
            if let Some(seat) = &self.seat {
                seat.end_turn(busy || flushes);
            }
            if busy {
                self.patience.busy();
                #[cfg(feature = "tokio")]
                if self.patience.has_had_enough() && self.seat.is_none() {
                    return Ok(Step::Yield);
                }
            } else if self.patience.idle() == Idle::Sleep && self.seat.is_none() {
                return Ok(Step::Sleep);
            }
        }
    }

    /// Looks at everything once, a bounded amount of each. Says whether there was anything.
    #[inline]
    fn turn(&mut self) -> Result<bool, Failure> {
        let letters = &*self.state.letters;
        self.state.turns.add(1);
        let glance = self.patience.glance();
        if glance {
            // Relaxed: it is a time for others to read, and nothing else.
            self.state.seen.store(uptime(), Ordering::Relaxed);
            self.inbox.sweep();
        }
        let mut done = 0;
        for (_, ring) in &mut self.rings {
            done += ring.turn(&mut self.body, letters)?;
        }
        done += self.inbox.turn(&mut self.body, letters)?;
        let mut turn = Turn::new(letters);
        let polled = self.body.poll(&mut turn);
        done += turn.taken();
        polled?;
        if self.stage == Stage::Running {
            done += self.do_agenda(glance || done > 0)?;
        }
        Ok(done > 0)
    }

    /// The clock is asked only if something goes by it, and then in each turn that did something and in some idle ones.
    #[inline]
    fn do_agenda(&mut self, look: bool) -> Result<usize, Failure> {
        let letters = &*self.state.letters;
        let asked = self.agenda.ask(&mut self.body, letters, || self.clock.ticks())?;
        for _ in 0..asked.finished {
            self.control.remove_producer();
        }
        let mut calls = asked.calls;
        if self.agenda.needs_clock() && (look || calls > 0) {
            let now = self.clock.ticks();
            calls += self.agenda.tick(&mut self.body, letters, now, &self.state.missed_ticks)?;
        }
        Ok(calls)
    }

    /// Goes on towards the end; whether it is reached.
    #[cold]
    fn has_drained(&mut self, phase: Phase, busy: bool) -> bool {
        if phase == Phase::Cut {
            return true;
        }
        match self.stage {
            Stage::Running => self.stage = Stage::Closing(0),
            Stage::Closing(turns) => {
                let closed = self.inbox.try_close();
                self.stage = Stage::Closing(turns + 1);
                if closed && (!busy || turns >= CLOSING_TURNS) {
                    self.body.close_inputs();
                    self.stage = Stage::Draining;
                }
            }
            Stage::Draining => return self.is_done(busy),
            Stage::Broken => return true,
        }
        // Not to sleep before the next turn.
        self.patience.busy();
        self.state.waker.ring();
        false
    }

    fn is_done(&mut self, busy: bool) -> bool {
        self.body.flush();
        for (ring, counters) in &self.outgoing {
            self.control.ledger.sent(*ring, counters.sent.get());
        }
        // Senders and inputs can have brought something in until now.
        if busy || self.body.is_pending() || !self.inbox.is_over() {
            return false;
        }
        for (index, ring) in &self.rings {
            self.control.ledger.settled(*index, ring.taken());
        }
        self.control.ledger.enrol(B::LANE);
        if self.rings.iter().all(|(_, ring)| ring.is_over()) {
            return true;
        }
        let quiet = self.control.ledger.is_quiet();
        if quiet {
            // Those that wait for the same can't see it without looking.
            self.control.wake_lanes();
        }
        quiet
    }

    /// Sleeps until there is something to do.
    fn sleep(&mut self) {
        let state = Arc::clone(&self.state);
        if let Some(parking) = self.lie_down() {
            state.waker.sleep(&parking.descriptors, parking.until);
        }
        self.get_up();
    }

    /// The same for a task.
    #[cfg(feature = "tokio")]
    pub(super) async fn doze(&mut self, doze: &mut super::tokio_lane::Doze) -> std::io::Result<()> {
        let state = Arc::clone(&self.state);
        let slept = match self.lie_down() {
            Some(parking) => doze.sleep(&state.waker, &parking.descriptors, parking.until).await,
            None => Ok(()),
        };
        self.get_up();
        slept
    }

    /// Leaves word everywhere that the lane is about to sleep, and looks once more; what to sleep on, if there is still nothing to do.
    /// [`get_up`](Self::get_up) follows in any case.
    fn lie_down(&mut self) -> Option<Parking<'_>> {
        let Sleep::Until { real, ticks } = self.pause() else { return None };
        self.state.waker.arm();
        let mut parking = Parking::new(&self.waker);
        parking.by(real.and_then(|real| Instant::now().checked_add(real)));
        let mut cx = Context::from_waker(&self.waker);
        let idle = park_rings(&mut self.rings, &mut self.inbox, &mut cx)
            && self.control.is_known_at(self.stage)
            && by_clock(&self.clock, ticks, &self.waker, &mut parking)
            && self.body.park(&mut parking);
        // Relaxed: for others to read, and nothing else.
        self.state.asleep.store(idle, Ordering::Relaxed);
        idle.then_some(parking)
    }

    fn get_up(&mut self) {
        self.state.asleep.store(false, Ordering::Relaxed);
        self.rings.iter_mut().for_each(|(_, ring)| ring.unpark());
        self.inbox.unpark();
        self.body.unpark();
        self.patience.busy();
        self.patience.glance_next();
    }

    /// How long the lane may sleep.
    fn pause(&mut self) -> Sleep {
        self.body.flush();
        match self.stage {
            Stage::Running => self.agenda.sleep(),
            Stage::Draining if self.body.is_pending() => Sleep::Until { real: Some(TASK_NAP), ticks: None },
            Stage::Draining => Sleep::Until { real: None, ticks: None },
            Stage::Closing(_) | Stage::Broken => Sleep::No,
        }
    }

    /// A turn ended early: tells who asked for it, and does what the lane's policy says.
    #[cold]
    fn failed(&mut self, reason: &str) {
        // Before anybody is told, so that who moves the clock then moves it past the pause.
        let now = self.clock.ticks();
        let (lane, hooks) = (self.state.name, &self.hooks);
        let abandoned = catch_unwind(AssertUnwindSafe(|| self.body.abandon())).unwrap_or(0);
        let lost = self.state.letters.count_lost() + abandoned;
        self.state.panics.add(1);
        self.state.lost_in_panics.add(lost);
        self.rings.iter_mut().for_each(|(_, ring)| ring.publish());
        self.inbox.publish();
        tracing::error!(lane, reason, lost, "a handler failed");
        self.state.letters.take(|origin, id, body| {
            let message =
                B::System::MESSAGES.iter().find(|message| message.id == id).map_or("", |message| message.name);
            hooks.dead_letter(lane, origin, id, message, body, reason);
        });
        self.obey(reason, now);
    }

    /// Does what the policy says, again for each attempt that fails.
    fn obey(&mut self, reason: &str, mut now: u64) {
        let mut reason = reason.to_owned();
        loop {
            match self.supervisor.judge(now) {
                Verdict::Abort => std::process::abort(),
                Verdict::Stop => return self.break_down(&reason),
                Verdict::RestartAfter(pause) => {
                    self.wait_until(now.saturating_add(pause));
                    if self.control.phase() == Phase::Cut {
                        return self.break_down(&reason);
                    }
                    match self.restart() {
                        Ok(()) => return,
                        Err(text) => reason = text,
                    }
                    tracing::error!(lane = self.state.name, reason, "a restart failed");
                    now = self.clock.ticks();
                }
            }
        }
    }

    /// The lane can't go on, whatever its policy says.
    #[cfg(feature = "tokio")]
    pub(super) fn give_up(&mut self, reason: &str) {
        self.break_down(reason);
    }

    /// The same, unless the lane has come to its end.
    #[cfg(feature = "tokio")]
    pub(super) fn give_up_unless_over(&mut self, reason: &str) {
        if !self.over {
            self.break_down(reason);
        }
    }

    fn break_down(&mut self, reason: &str) {
        self.stage = Stage::Broken;
        self.over = true;
        self.control.break_down(self.state.name, reason);
    }

    /// Waits before a restart; not once the system shuts down.
    fn wait_until(&mut self, due: u64) {
        let waker = Arc::clone(&self.state.waker);
        while self.control.phase() == Phase::Running && self.clock.ticks() < due {
            if let Some(seat) = &self.seat {
                seat.end_turn(false);
                seat.await_turn();
                continue;
            }
            waker.arm();
            let mut parking = Parking::new(&self.waker);
            if self.control.phase() == Phase::Running && by_clock(&self.clock, Some(due), &self.waker, &mut parking) {
                waker.sleep(&[], parking.until);
            }
        }
    }

    /// Makes the services anew.
    fn restart(&mut self) -> Result<(), String> {
        let Some(factory) = self.factory.clone() else { return Err("there is no factory".to_owned()) };
        let body = &mut self.body;
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            body.rebuild(made_anew::<B::System>(&factory, B::take));
            let services = B::System::SERVICES.iter().enumerate();
            for (index, spec) in services.filter(|(_, spec)| spec.lane == B::LANE && !spec.task) {
                body.startup(index).map_err(|error| format!("service `{}` did not start: {error}", spec.name))?;
            }
            Ok(())
        }));
        attempt.unwrap_or_else(|panic| Err(panic_text(&*panic)))?;
        self.state.restarts.add(1);
        self.begin_agenda_again();
        Ok(())
    }

    /// New services have all their sources before them.
    fn begin_agenda_again(&mut self) {
        let before = self.agenda.live_sources();
        self.agenda = Agenda::new(B::System::SERVICES, B::LANE, self.clock.ticks());
        let revived = self.agenda.live_sources().saturating_sub(before);
        for _ in 0..revived {
            // If it is too late, they are not asked any more.
            let _ = self.control.add_producer();
        }
    }

    /// Closes everything, shuts the services down in their turn, and gives them back.
    pub(super) fn finish(mut self, parts: &std::sync::Mutex<<B::System as System>::Parts>) {
        if let Some(seat) = self.seat.take() {
            seat.leave();
        }
        let mut left = Left::default();
        // First, so that nobody waits for room in them any more.
        self.rings.iter_mut().for_each(|(_, ring)| ring.publish());
        drop(std::mem::take(&mut self.rings));
        let deadline = self.control.deadline();
        let body = &mut self.body;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| {
            body.close_inputs();
            body.close(deadline, &mut left);
        })) {
            tracing::error!(lane = self.state.name, reason = panic_text(&*panic), "closing panicked");
        }
        self.inbox.close(&mut left);
        self.control.lane_closed(left);
        let services = B::System::SERVICES.iter().enumerate().rev();
        for (index, spec) in services.filter(|(_, spec)| spec.lane == B::LANE) {
            self.control.await_shutdown_of(index);
            let body = &mut self.body;
            match catch_unwind(AssertUnwindSafe(|| body.shutdown(index))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(service = spec.name, %error, "shutdown failed"),
                Err(panic) => tracing::error!(service = spec.name, reason = panic_text(&*panic), "shutdown panicked"),
            }
            self.control.has_shut_down(index);
        }
        let mut parts = parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.body.into_parts(&mut parts);
        drop(parts);
        self.control.lane_ended(B::LANE);
    }
}

fn park_rings(rings: &mut [(usize, Incoming)], inbox: &mut Inbox, cx: &mut Context<'_>) -> bool {
    rings.iter_mut().all(|(_, ring)| ring.park(cx)) && inbox.park(cx)
}

/// Has the lane woken at this time of the router's clock; false if it is that late already.
fn by_clock(clock: &ClockSource, ticks: Option<u64>, waker: &Waker, parking: &mut Parking<'_>) -> bool {
    let Some(due) = ticks else { return true };
    if let ClockSource::Manual(clock) = clock {
        clock.wake_on_change(waker);
    }
    let now = clock.ticks();
    if now < due && matches!(clock, ClockSource::System) {
        parking.by(Instant::now().checked_add(Duration::from_nanos(due - now)));
    }
    now < due
}
