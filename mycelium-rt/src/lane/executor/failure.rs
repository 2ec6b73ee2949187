//! What follows a failure: who asked for it is told, and the lane's policy is done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::sleep::by_clock;
use super::{Executor, Stage, agenda_of};
use crate::lane::control::Phase;
use crate::lane::park::Parking;
use crate::lane::supervise::{Verdict, made_anew, panic_text};
use crate::lane::system::{Body, System};

impl<B: Body> Executor<B> {
    /// A turn ended early: tells who asked for it, and does what the lane's policy says.
    #[cold]
    pub(super) fn failed(&mut self, reason: &str) {
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
    pub(in crate::lane) fn give_up(&mut self, reason: &str) {
        self.break_down(reason);
    }

    /// The same, unless the lane has come to its end.
    #[cfg(feature = "tokio")]
    pub(in crate::lane) fn give_up_unless_over(&mut self, reason: &str) {
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
        self.agenda = agenda_of::<B>(self.clock.ticks());
        let revived = self.agenda.live_sources().saturating_sub(before);
        for _ in 0..revived {
            // If it is too late, they are not asked any more.
            let _ = self.control.add_producer();
        }
    }
}
