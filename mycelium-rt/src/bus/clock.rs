//! The time that the services of a runtime go by.

use std::time::Duration;

use tokio::time::Instant;

use crate::TimestampNs;
use crate::routing::Clock;
use crate::testing::ManualClock;
use crate::time::{Ticks, nanos};

/// The clock of a runtime.
#[derive(Clone, Debug)]
pub(super) enum BusClock {
    /// Tokio's, which stands still where a test has paused it; ticks count from this moment.
    Tokio(Instant),
    /// One that a test or a replay sets.
    Manual(ManualClock),
}

impl BusClock {
    /// The time that timers go by.
    pub(super) fn ticks(&self) -> Ticks {
        match self {
            Self::Tokio(start) => Ticks(nanos(start.elapsed())),
            Self::Manual(clock) => Ticks(clock.now().0),
        }
    }

    pub(super) async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.ticks().after(duration)).await;
    }

    pub(super) async fn sleep_until(&self, due: Ticks) {
        match self {
            Self::Tokio(start) => match start.checked_add(due.since(Ticks::default())) {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            },
            Self::Manual(clock) => clock.reached(due).await,
        }
    }
}

impl Clock for BusClock {
    fn now(&self) -> TimestampNs {
        match self {
            Self::Tokio(_) => TimestampNs::now(),
            Self::Manual(clock) => clock.now(),
        }
    }
}
