//! What follows a panic: whether and when services are restarted, and how they are made again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::spec::{OnPanic, Restart};
use crate::link::backoff::Backoff;
use crate::time::Ticks;
use crate::unwind::discard;

/// Makes all services again, in parts.
pub(crate) type Factory<P> = Arc<Mutex<dyn FnMut() -> P + Send>>;

/// What to do after a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RestartDecision {
    /// Make the services again, after this pause.
    RestartAfter(Duration),
    /// Stop the lane, and with it the system.
    Stop,
    /// Abort the process.
    Abort,
}

/// Decides by the policy of one lane or service.
#[derive(Debug)]
pub(crate) struct Supervisor {
    policy: OnPanic,
    backoff: Option<Backoff>,
    /// The times of the restarts within the last window.
    restarts: VecDeque<Ticks>,
}

impl Supervisor {
    pub(crate) fn new(policy: OnPanic) -> Self {
        let backoff = match policy {
            OnPanic::Restart(restart) => Some(Backoff::new(restart.backoff, restart.within)),
            OnPanic::Stop | OnPanic::Abort => None,
        };
        Self { policy, backoff, restarts: VecDeque::new() }
    }

    /// Derives the pauses before restarts from `seed`.
    pub(crate) fn seeded(self, seed: u64) -> Self {
        Self { backoff: self.backoff.map(|backoff| backoff.seeded(seed)), ..self }
    }

    /// Whether its policy restarts.
    #[cfg(feature = "bus")]
    pub(crate) fn restarts(&self) -> bool {
        matches!(self.policy, OnPanic::Restart(_))
    }

    /// What to do after a panic at `now`, by the router's clock.
    pub(crate) fn decide(&mut self, now: Ticks) -> RestartDecision {
        match self.policy {
            OnPanic::Stop => RestartDecision::Stop,
            OnPanic::Abort => RestartDecision::Abort,
            OnPanic::Restart(restart) => self.restart(restart, now),
        }
    }

    fn restart(&mut self, restart: Restart, now: Ticks) -> RestartDecision {
        while self.restarts.front().is_some_and(|earlier| now.since(*earlier) >= restart.within) {
            self.restarts.pop_front();
        }
        if self.restarts.len() >= restart.max as usize {
            return RestartDecision::Stop;
        }
        let Some(backoff) = &mut self.backoff else { return RestartDecision::Stop };
        if self.restarts.is_empty() {
            backoff.reset();
        }
        self.restarts.push_back(now);
        RestartDecision::RestartAfter(backoff.pause())
    }
}

/// Makes all services, takes some of them by `take`, and drops the others.
pub(crate) fn made_again<P, T>(factory: &Factory<P>, take: impl FnOnce(&mut P) -> T) -> T {
    // A poisoned lock only means that the factory has panicked before; its state is its own matter.
    let mut parts = (factory.lock().unwrap_or_else(PoisonError::into_inner))();
    let mine = take(&mut parts);
    // The other lanes keep the services that they have. A panic in a drop here must not stop this one.
    let _ = discard(parts);
    mine
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::nanos;

    const SECOND: u64 = 1_000_000_000;

    fn supervisor(max: u32) -> Supervisor {
        let (within, backoff) = (Duration::from_secs(10), Duration::from_millis(100));
        Supervisor::new(OnPanic::Restart(Restart { max, within, backoff }))
    }

    fn pause(supervisor: &mut Supervisor, now: u64) -> Option<u64> {
        match supervisor.decide(Ticks(now)) {
            RestartDecision::RestartAfter(pause) => Some(nanos(pause)),
            RestartDecision::Stop => None,
            RestartDecision::Abort => panic!("the policy is to restart"),
        }
    }

    #[test]
    fn one_panic_more_than_the_window_allows_stops_the_lane() {
        let mut supervisor = supervisor(2);
        assert!(pause(&mut supervisor, 0).is_some());
        assert!(pause(&mut supervisor, 5 * SECOND).is_some());
        assert_eq!(pause(&mut supervisor, 10 * SECOND - 1), None);
    }

    #[test]
    fn restarts_leave_the_window_one_by_one() {
        let mut supervisor = supervisor(2);
        for now in [0, 6, 10, 16, 20].map(|second| second * SECOND) {
            assert!(pause(&mut supervisor, now).is_some(), "{now}");
        }
        assert_eq!(pause(&mut supervisor, 21 * SECOND), None);
    }

    #[test]
    fn pauses_double_and_begin_again_after_a_quiet_window() {
        let mut supervisor = supervisor(5);
        let within = |pause: Option<u64>, whole: u64| {
            let pause = pause.unwrap();
            assert!(pause >= whole / 2 && pause <= whole, "{pause} of {whole}");
        };
        within(pause(&mut supervisor, 0), SECOND / 10);
        within(pause(&mut supervisor, SECOND), SECOND / 5);
        within(pause(&mut supervisor, 2 * SECOND), 2 * SECOND / 5);
        within(pause(&mut supervisor, 12 * SECOND), SECOND / 10);
    }

    #[test]
    fn a_lane_that_may_not_restart_never_does() {
        assert_eq!(supervisor(0).decide(Ticks(0)), RestartDecision::Stop);
        assert_eq!(Supervisor::new(OnPanic::Stop).decide(Ticks(0)), RestartDecision::Stop);
        assert_eq!(Supervisor::new(OnPanic::Abort).decide(Ticks(0)), RestartDecision::Abort);
    }
}
