//! The synchronisation primitives of code that has models: those of `std`, or loom's in a model build.
//!
//! A model build has `--cfg mycelium_loom`, a cfg of our own, since other crates change their API under `--cfg loom`.

#[cfg(not(all(test, mycelium_loom)))]
mod primitives {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
    pub(crate) use std::sync::{Arc, Mutex};
}

#[cfg(all(test, mycelium_loom))]
mod primitives {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
    pub(crate) use loom::sync::{Arc, Mutex};
}

pub(crate) use primitives::{Arc, AtomicBool, AtomicU32, AtomicU64, Mutex, fence};
pub(crate) use std::sync::atomic::Ordering;

/// Rules that tests switch off, to show that the models notice: a model that passes whatever the code does would prove nothing.
#[cfg(all(test, mycelium_loom))]
pub(crate) mod weakening {
    use std::cell::Cell;

    /// An ordering, or a step of a protocol, that correctness relies on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Rule {
        /// Of the ring: see `ring/commit.rs`.
        Commit,
        AfterCommitWord,
        ReleaseCursor,
        AfterCursor,
        /// Of the ring: see `ring/park.rs`.
        NotifyFence,
        SleepFence,
        FinalCheck,
        /// Of a lane's rest, see `lane/rest`.
        NotifyReleases,
        ArmAcquires,
        ArmsFirst,
        Rechecks,
        FinalCheckIsAChange,
    }

    // loom runs the threads of a model as coroutines of one thread, and cargo runs each test on a thread of its own.
    std::thread_local!(static WEAKENED: Cell<Option<Rule>> = const { Cell::new(None) });

    /// Runs `body` with one rule switched off.
    pub(crate) fn weaken<R>(rule: Rule, body: impl FnOnce() -> R) -> R {
        WEAKENED.with(|weakened| weakened.set(Some(rule)));
        let result = body();
        WEAKENED.with(|weakened| weakened.set(None));
        result
    }

    pub(crate) fn is(rule: Rule) -> bool {
        WEAKENED.with(|weakened| weakened.get() == Some(rule))
    }
}
