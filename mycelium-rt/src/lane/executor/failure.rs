//! What follows a failure: it is reported, and the policy of the lane is applied.

use super::{Executor, Pausing, Stage, timers_of};
use crate::lane::end::Phase;
use crate::lane::program::{LaneProgram, RouterFacts, RouterSpec};
use crate::lane::supervise::{RestartDecision, made_again};
use crate::notice;
use crate::time::Ticks;
use crate::unwind::catch;

impl<B: LaneProgram> Executor<B> {
    /// A turn has failed: reports it, and applies the policy of the lane.
    #[cold]
    pub(super) fn failed(&mut self, reason: &str) {
        // Read before anything is reported: a test that then moves the clock moves it past the pause.
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

    /// Applies the policy to a failure at `now`. A restart comes after a pause.
    fn apply(&mut self, reason: String, now: Ticks) {
        match self.supervisor.decide(now) {
            RestartDecision::Abort => std::process::abort(),
            RestartDecision::Stop => self.break_down(&reason),
            RestartDecision::RestartAfter(pause) => {
                self.pausing = Some(Pausing { until: now.after(pause), reason });
            }
        }
    }

    /// Whether the lane may go on: false in a pause before a restart, during which it sleeps.
    pub(super) fn is_ready(&mut self) -> bool {
        while self.pauses() {
            let Some(schedule_slot) = &self.schedule_slot else { return false };
            schedule_slot.end_turn(false);
            schedule_slot.await_turn();
        }
        true
    }

    /// Whether a pause goes on. Restarts the lane if it is over. A shutdown ends the pause.
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

    /// The lane can't go on, whatever its policy is.
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

    /// Makes the services of the lane again.
    fn restart(&mut self) -> Result<(), String> {
        let Some(factory) = self.factory.clone() else { return Err("there is no factory".to_owned()) };
        let body = &mut self.body;
        let attempt = catch(|| {
            body.rebuild(made_again(&factory, B::take));
            let services = B::Router::SERVICES.iter().enumerate();
            for (index, spec) in services.filter(|(_, spec)| spec.lane == B::LANE && !spec.task) {
                body.startup(index).map_err(|error| format!("service `{}` did not start: {error}", spec.name))?;
            }
            Ok::<(), String>(())
        });
        attempt??;
        self.reset_timers();
        // Last: a reader that sees it may count on the new timers.
        self.state.words.restarts.add(1);
        Ok(())
    }

    /// All sources of the new services begin again, and so do their timers.
    fn reset_timers(&mut self) {
        let before = self.timers.live_sources();
        self.timers = timers_of(&RouterFacts::of::<B::Router>(), B::LANE, self.clock.ticks());
        let revived = self.timers.live_sources().saturating_sub(before);
        for _ in 0..revived {
            // If it is too late, they are not called any more.
            let _ = self.control.add_producer();
        }
    }
}
