//! Waiting awake, for as long as going to sleep and being woken would take.

use std::time::{Duration, Instant};

use crate::time::after;

/// How long to look before sleeping: about the cost of being woken.
const SPIN_BUDGET: Duration = Duration::from_micros(20);
/// Looks between two glances at the clock, which cost more than a look.
const LOOKS: u32 = 16;

/// Looks until `done`, the spin budget is used up, or the deadline is over.
pub(crate) fn spin_until(deadline: &Deadline, mut done: impl FnMut() -> bool) {
    if cfg!(all(test, mycelium_loom)) {
        return;
    }
    if done() {
        return;
    }
    let start = Instant::now();
    while start.elapsed() < SPIN_BUDGET && !deadline.is_over() {
        for _ in 0..LOOKS {
            if done() {
                return;
            }
            std::hint::spin_loop();
        }
    }
}

/// A point in time, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// `timeout` from now.
    pub(crate) fn after(timeout: Option<Duration>) -> Self {
        Self(timeout.map(after))
    }

    /// A point in time that is known already.
    pub(crate) fn at(end: Option<Instant>) -> Self {
        Self(end)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }
}
