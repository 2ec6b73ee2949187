//! The cutoff of a router: the moment at which waits end and nothing more is delivered.
//!
//! Everything that may go on for long checks it by itself, so that no thread has to act when it comes: a sender that waits for room, a lane and
//! a task between two messages, a lane that sleeps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::time::since_start;

/// A moment that any thread may bring forward, and none may put off. At first it never comes.
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

    /// Makes it come at `time` at the latest.
    pub(crate) fn bring_forward(&self, time: Instant) {
        // Only the time itself is communicated, hence `Relaxed`, here and in the loads.
        self.0.fetch_min(since_start(time), Ordering::Relaxed);
    }

    /// Makes it come now.
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

    /// Whether it has come. As long as no time has been set, this is a load and a branch.
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
    fn the_earliest_time_counts_and_without_one_it_never_comes() {
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
    fn times_of_the_distant_past_and_future_work() {
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
