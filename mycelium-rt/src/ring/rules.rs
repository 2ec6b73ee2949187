//! The orderings that the ring's correctness rests on, each named once.
//!
//! In an ordinary build every function here is a constant. In a loom build a test can weaken one of them, to show that the models notice:
//! a model that passes whatever the code does would prove nothing.
//!
//! The thread sanitizer does not know fences. Under `--cfg mycelium_tsan` the loads before a fence acquire by themselves, which is stronger
//! and never weaker; `--cfg mycelium_planted_race` takes away what the commit word orders, so that the sanitizer has something to find.

#[cfg(all(test, mycelium_loom))]
use crate::sync::weakening::{self, Rule};
use crate::sync::{Ordering, fence};

/// Orders the slot's fields before its commit word. Partner: [`after_commit_word`].
#[inline(always)]
pub(super) fn commit() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::Commit) {
        return Ordering::Relaxed;
    }
    if cfg!(mycelium_planted_race) { Ordering::Relaxed } else { Ordering::Release }
}

/// How the words are loaded that a fence follows: [`after_commit_word`] or [`after_cursor`].
#[inline(always)]
pub(super) const fn before_fence() -> Ordering {
    if cfg!(mycelium_tsan) { Ordering::Acquire } else { Ordering::Relaxed }
}

/// Orders the commit word before the reads of the slot's fields. Partner: [`commit`].
///
/// A relaxed load and a fence instead of an acquire load, because the words of a peer lie in a read-only mapping, and relaxed loads
/// are the only atomic accesses that Rust defines on read-only memory.
#[inline(always)]
pub(super) fn after_commit_word() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::AfterCommitWord) {
        return;
    }
    fence(Ordering::Acquire);
}

/// Orders the reads of the slots before the cursor that gives them back. Partner: [`after_cursor`].
#[inline(always)]
pub(super) fn release_cursor() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::ReleaseCursor) {
        return Ordering::Relaxed;
    }
    Ordering::Release
}

/// Orders the cursor before the writes that reuse the slots. Partner: [`release_cursor`].
#[inline(always)]
pub(super) fn after_cursor() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::AfterCursor) {
        return;
    }
    fence(Ordering::Acquire);
}

/// The full fence of the side that goes on: between what it stored and its look at the other side's park word. Partner: [`sleep_fence`].
#[inline(always)]
pub(super) fn notify_fence() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::NotifyFence) {
        return;
    }
    fence(Ordering::SeqCst);
}

/// The full fence of the side that goes to sleep: between its park word and its last look. Partner: [`notify_fence`].
#[inline(always)]
pub(super) fn sleep_fence() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::SleepFence) {
        return;
    }
    fence(Ordering::SeqCst);
}

/// Whether the last look before sleeping is taken; only a model that shows its need answers no.
#[inline(always)]
pub(super) fn last_look() -> bool {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::LastLook) {
        return false;
    }
    true
}
