//! What follows a failure: who asked for it is told, and the lane's policy is done.

use super::{Executor, Pausing, Stage, timers_of};
use crate::lane::end::Phase;
use crate::lane::program::{LaneProgram, RouterSpec};
use crate::lane::supervise::{RestartDecision, made_again};
use crate::notice;
use crate::time::Ticks;
use crate::unwind::catch;

impl<B: LaneProgram> Executor<B> {
    /// A turn ended early: tells who asked for it, and does what the lane's policy says.
    #[cold]
    pub(super) fn failed(&mut self, reason: &str) {
        // Before anybody is told, so that who moves the clock then moves it past the pause.
        let now = self.clock.ticks();
        let (lane, hooks) = (self.state.name, &self.hooks);
        let abandoned = catch(|| self.body.abandon()).unwrap_or(0);
        let lost = self.state.in_flight.count_lost() + abandoned;
        self.state.words.panics.add(1);
        self.state.words.lost_in_panics.add(lost);
        self.rings.iter_mut().for_each(|(_, ring)| ring.publish());
        self.inbox.publish();
        notice::error!(hooks.notices, lane, reason, lost, "a handler failed");
        self.state.in_flight.take(|origin, id, body| {
            let message =
                B::Router::MESSAGES.iter().find(|message| message.id == id).map_or("", |message| message.name);
            hooks.dead_letter(lane, origin, id, message, body, reason);
        });
        self.apply(reason.to_owned(), now);
    }

    /// Does what the policy says of a failure at `now`; a restart comes after a pause.
    fn apply(&mut self, reason: String, now: Ticks) {
        match self.supervisor.decide(now) {
            RestartDecision::Abort => std::process::abort(),
            RestartDecision::Stop => self.break_down(&reason),
            RestartDecision::RestartAfter(pause) => {
                self.pausing = Some(Pausing { until: now.after(pause), reason });
            }
        }
    }

    /// Whether the lane may take turns, or has broken down: false in a pause before a restart, which the lane sleeps through.
    pub(super) fn has_paused(&mut self) -> bool {
        while self.pauses() {
            let Some(schedule_slot) = &self.schedule_slot else { return false };
            schedule_slot.end_turn(false);
            schedule_slot.await_turn();
        }
        true
    }

    /// Whether a pause goes on. Restarts the lane if it is over; a shutdown ends it.
    fn pauses(&mut self) -> bool {
        while let Some(pausing) = self.pausing.take() {
            match self.control.phase() {
                Phase::Running if !self.clock.ticks().has_reached(pausing.until) => {
                    self.pausing = Some(pausing);
                    return true;
                }
                Phase::Cut => self.break_down(&pausing.reason),
                Phase::Running | Phase::Draining => {
                    if let Err(reason) = self.restart() {
                        notice::error!(self.hooks.notices, lane = self.state.name, reason, "a restart failed");
                        let now = self.clock.ticks();
                        self.apply(reason, now);
                    }
                }
            }
        }
        false
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

    /// Makes the services anew.
    fn restart(&mut self) -> Result<(), String> {
        let Some(factory) = self.factory.clone() else { return Err("there is no factory".to_owned()) };
        let body = &mut self.body;
        let attempt = catch(|| {
            body.rebuild(made_again(&factory, B::take));
            let services = B::Router::SERVICES.iter().enumerate();
            for (index, spec) in services.filter(|(_, spec)| spec.lane == B::LANE && !spec.task) {
                body.startup(index).map_err(|error| format!("service `{}` did not start: {error}", spec.name))?;
            }
            Ok(())
        });
        attempt.flatten()?;
        self.begin_agenda_again();
        // Last: whoever sees it may count on the new timers.
        self.state.words.restarts.add(1);
        Ok(())
    }

    /// New services have all their sources before them.
    fn begin_agenda_again(&mut self) {
        let before = self.timers.live_sources();
        self.timers = timers_of::<B>(self.clock.ticks());
        let revived = self.timers.live_sources().saturating_sub(before);
        for _ in 0..revived {
            // If it is too late, they are not asked any more.
            let _ = self.control.add_producer();
        }
    }
}
