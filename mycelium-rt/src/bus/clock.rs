//! The time that the services of a runtime go by.

use std::time::Duration;

use tokio::time::Instant;

use crate::TimestampNs;
use crate::routing::{Clock, nanos};
use crate::testing::ManualClock;

/// The clock of a runtime.
#[derive(Clone, Debug)]
pub(super) enum BusClock {
    /// Tokio's, which stands still where a test has paused it; ticks count from this moment.
    Tokio(Instant),
    /// One that a test or a replay sets.
    Manual(ManualClock),
}

impl BusClock {
    /// Nanoseconds since some moment of the past: what timers go by.
    pub(super) fn ticks(&self) -> u64 {
        match self {
            Self::Tokio(start) => nanos(start.elapsed()),
            Self::Manual(clock) => clock.now().0,
        }
    }

    pub(super) async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.ticks().saturating_add(nanos(duration))).await;
    }

    pub(super) async fn sleep_until(&self, due: u64) {
        match self {
            Self::Tokio(start) => match start.checked_add(Duration::from_nanos(due)) {
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
