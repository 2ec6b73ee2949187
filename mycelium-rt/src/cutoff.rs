//! The moment at which waits end, and nothing more is delivered.
//!
//! Whoever might go on for long looks at it by itself, so that nobody has to be there when it comes: a sender that waits for room, a lane
//! and a task between two messages, a lane that sleeps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::time::since_start;

/// A moment that may still be brought forward, by any thread and for good; at first it never comes.
#[derive(Debug)]
pub(crate) struct Cutoff(
    /// In nanoseconds of [`since_start`].
    AtomicU64,
);

impl Default for Cutoff {
    fn default() -> Self {
        Self(AtomicU64::new(Self::NEVER))
    }
}

impl Cutoff {
    const NEVER: u64 = u64::MAX;

    /// It comes at `time` at the latest.
    pub(crate) fn bring_forward(&self, time: Instant) {
        // Nothing but the time itself is communicated, hence `Relaxed`, here and in the loads.
        self.0.fetch_min(since_start(time), Ordering::Relaxed);
    }

    /// It is there.
    pub(crate) fn pass(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Whether a time has been set.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != Self::NEVER
    }

    /// The time, if one has been set.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn time(&self) -> Option<Instant> {
        match self.0.load(Ordering::Relaxed) {
            Self::NEVER => None,
            nanos => Some(crate::time::at(nanos)),
        }
    }

    /// Whether it is there. As long as no time has been set, this is a load and a branch.
    #[inline(always)]
    pub(crate) fn has_passed(&self) -> bool {
        let nanos = self.0.load(Ordering::Relaxed);
        nanos != Self::NEVER && is_over(nanos)
    }
}

#[cold]
fn is_over(nanos: u64) -> bool {
    nanos == 0 || since_start(Instant::now()) >= nanos
}

#[cfg(all(test, not(mycelium_loom)))]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_never_comes_before_a_time_is_set_and_the_earliest_counts() {
        let cutoff = Cutoff::default();
        assert!(!cutoff.has_passed() && !cutoff.is_set() && cutoff.time().is_none());
        let now = Instant::now();
        let hour = now + Duration::from_secs(3600);
        cutoff.bring_forward(hour);
        cutoff.bring_forward(hour + Duration::from_secs(1));
        assert_eq!(cutoff.time(), Some(hour));
        assert!(cutoff.is_set() && !cutoff.has_passed());
        cutoff.bring_forward(now);
        assert!(cutoff.has_passed());
    }

    #[test]
    fn a_time_of_long_ago_or_of_the_far_future_is_no_defect() {
        let cutoff = Cutoff::default();
        cutoff.bring_forward(crate::time::after(Duration::MAX));
        assert!(cutoff.is_set() && !cutoff.has_passed());
        cutoff.pass();
        assert!(cutoff.has_passed() && cutoff.time().is_some_and(|time| time <= Instant::now()));
        let long_ago = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let another = Cutoff::default();
        another.bring_forward(long_ago);
        assert!(another.has_passed());
    }
}
