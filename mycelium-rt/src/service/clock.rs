//! The clock of services on tokio.

use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::TimestampNs;
#[cfg(feature = "tokio")]
use crate::clock::ClockSource;
use crate::clock::ManualClock;
use crate::routing::Clock;
use crate::routing::timer_queue::Sleep;
use crate::time::{Ticks, bounded, nanos};

/// The clock of a service.
#[derive(Clone, Debug)]
pub(crate) enum ServiceClock {
    /// Tokio's, which stands still where a test has paused it; ticks count from this moment.
    Tokio(Instant),
    /// One that a test or a replay sets.
    Manual(ManualClock),
}

impl ServiceClock {
    /// Tokio's, in the runtime of `handle`.
    pub(crate) fn of_runtime(handle: &Handle) -> Self {
        let _entered = handle.enter();
        Self::Tokio(Instant::now())
    }

    /// The clock of a router, for its service on the runtime of `handle`.
    #[cfg(feature = "tokio")]
    pub(crate) fn of_router(source: &ClockSource, handle: &Handle) -> Self {
        match source {
            ClockSource::System => Self::of_runtime(handle),
            ClockSource::Manual(clock) => Self::Manual(clock.clone()),
        }
    }

    /// The time for timers.
    pub(crate) fn ticks(&self) -> Ticks {
        match self {
            Self::Tokio(start) => Ticks(nanos(start.elapsed())),
            Self::Manual(clock) => Ticks(clock.now().0),
        }
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        self.reached(self.ticks().after(duration)).await;
    }

    /// Waits until this time.
    pub(crate) async fn reached(&self, due: Ticks) {
        // For a time that is over already, tokio would sleep until the next whole millisecond.
        if self.ticks().has_reached(due) {
            return;
        }
        match self {
            Self::Tokio(start) => match start.checked_add(due.since(Ticks::default())) {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            },
            Self::Manual(clock) => clock.reached(due).await,
        }
    }

    /// Waits as long as `sleep` allows; if that is [`Sleep::No`], not at all.
    pub(crate) async fn wait_for(&self, sleep: Sleep) {
        let Sleep::Until { real, ticks } = sleep else { return };
        let by_clock = pin!(async {
            match ticks {
                Some(due) => self.reached(due).await,
                None => std::future::pending().await,
            }
        });
        let real = pin!(async {
            match real {
                Some(pause) => tokio::time::sleep(bounded(pause)).await,
                None => std::future::pending().await,
            }
        });
        tokio::select! {
            biased;
            () = by_clock => {}
            () = real => {}
        }
    }
}

impl Clock for ServiceClock {
    fn now(&self) -> TimestampNs {
        match self {
            Self::Tokio(_) => TimestampNs::now(),
            Self::Manual(clock) => clock.now(),
        }
    }
}
