//! How a lane waits while it finds nothing to do.

use std::time::{Duration, Instant};

use super::spec::{Place, Wait};

/// A lane reads the clock in one of this many turns. That costs about as much as an idle turn of a small lane, so one in 32 is three
/// per cent, and a spinning lane still notices a timer within a few microseconds.
const GLANCE_EVERY: u32 = 32;

/// What to do after a turn that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    /// Look again.
    Again,
    /// Sleep.
    Sleep,
}

/// How long a lane has found nothing to do, and what it does then.
#[derive(Debug)]
pub(super) struct SpinPolicy {
    wait: Wait,
    idle: u32,
    since: Option<Instant>,
    turn: u32,
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "only a task lets others run"))]
    yields: bool,
}

impl SpinPolicy {
    /// For a lane at this place. On a task it `yields`, so that others run.
    pub(super) fn new(place: Place, yields: bool) -> Self {
        let wait = match place {
            Place::Pinned { wait, .. } | Place::Thread { wait } => wait,
            // A lane that spins would keep other tasks of its runtime from running.
            Place::Tokio => Wait::Park { spin: Duration::ZERO },
        };
        Self { wait, idle: 0, since: None, turn: 0, yields }
    }

    /// Whether to read the clock in this turn.
    #[inline(always)]
    pub(super) fn glance(&mut self) -> bool {
        self.turn = self.turn.wrapping_add(1);
        self.wait == Wait::Yield || self.turn.is_multiple_of(GLANCE_EVERY)
    }

    /// Reads the clock in the next turn: the lane has slept.
    pub(super) fn glance_next(&mut self) {
        self.turn = GLANCE_EVERY - 1;
    }

    /// The turn found something to do.
    #[inline(always)]
    pub(super) fn busy(&mut self) {
        self.idle = 0;
    }

    /// Whether a task has taken enough turns to let others run.
    #[cfg(feature = "tokio")]
    #[inline(always)]
    pub(super) fn is_due_to_yield(&self) -> bool {
        self.yields && self.turn.is_multiple_of(GLANCE_EVERY)
    }

    /// Whether this is the first idle turn.
    #[inline(always)]
    pub(super) fn is_fresh(&self) -> bool {
        self.idle == 0
    }

    /// The turn found nothing to do.
    #[inline]
    pub(super) fn idle(&mut self) -> Idle {
        let first = self.idle == 0;
        self.idle = self.idle.saturating_add(1);
        match self.wait {
            Wait::Spin => {
                std::hint::spin_loop();
                Idle::Again
            }
            Wait::Yield => {
                std::thread::yield_now();
                Idle::Again
            }
            Wait::Park { spin } if spin.is_zero() => Idle::Sleep,
            Wait::Park { spin } => self.until(first, spin),
        }
    }

    fn until(&mut self, first: bool, spin: Duration) -> Idle {
        if first {
            self.since = Some(Instant::now());
        } else if self.idle.is_multiple_of(GLANCE_EVERY) && self.since.is_none_or(|since| since.elapsed() >= spin) {
            return Idle::Sleep;
        }
        std::hint::spin_loop();
        Idle::Again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(wait: Wait) -> SpinPolicy {
        SpinPolicy::new(Place::Thread { wait }, false)
    }

    #[test]
    fn only_parking_ever_sleeps() {
        for wait in [Wait::Spin, Wait::Yield] {
            let mut spin = spin(wait);
            assert!((0..10_000).all(|_| spin.idle() == Idle::Again));
        }
        assert_eq!(spin(Wait::Park { spin: Duration::ZERO }).idle(), Idle::Sleep);
    }

    #[test]
    fn parking_sleeps_once_its_budget_is_spent_and_not_before() {
        let mut parking = spin(Wait::PARK);
        assert_eq!(parking.idle(), Idle::Again);
        while parking.idle() == Idle::Again {}
        let mut long = spin(Wait::Park { spin: Duration::from_secs(3600) });
        assert!((0..10_000).all(|_| long.idle() == Idle::Again));
    }

    #[test]
    fn the_clock_is_read_in_one_of_thirty_two_turns_and_after_a_sleep() {
        let mut spin = spin(Wait::Spin);
        assert_eq!((0..320).filter(|_| spin.glance()).count(), 10);
        spin.glance_next();
        assert!(spin.glance());
    }
}
