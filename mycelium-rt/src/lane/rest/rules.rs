//! The orderings and steps that a lane's rest relies on, each named once; see [`ring::rules`](crate::ring) for why.

use crate::sync::Ordering;
#[cfg(all(test, mycelium_loom))]
use crate::sync::weakening::{self, Rule};

/// Orders what a ringer did before its ring. Partner: [`arm_acquires`].
#[inline(always)]
pub(super) fn notify_releases() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::RingReleases) {
        return Ordering::Acquire;
    }
    Ordering::AcqRel
}

/// Orders a ring before what the lane looks at once it is armed. Partner: [`notify_releases`].
#[inline(always)]
pub(super) fn arm_acquires() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::ArmAcquires) {
        return Ordering::Release;
    }
    Ordering::AcqRel
}

/// Whether rings are looked at once more behind the barrier.
#[inline(always)]
pub(super) fn looks_again() -> bool {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::LooksAgain) {
        return false;
    }
    true
}

/// Whether the last look at the notifier is a change among the rings, and not just a look.
#[inline(always)]
pub(super) fn sleep_is_a_change() -> bool {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::SleepIsAChange) {
        return false;
    }
    true
}
