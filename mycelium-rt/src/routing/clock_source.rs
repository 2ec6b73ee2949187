use std::sync::LazyLock;
use std::time::Instant;

use super::Clock;
use crate::TimestampNs;
use crate::testing::ManualClock;
use crate::time::{Ticks, nanos};

/// What time a router goes by.
#[derive(Clone, Debug, Default)]
pub enum ClockSource {
    /// The system's clock.
    #[default]
    System,
    /// A clock of a test or a replay.
    Manual(ManualClock),
}

impl ClockSource {
    /// The time that timers go by; it never goes back on the system's clock.
    pub(crate) fn ticks(&self) -> Ticks {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match self {
            // 584 years fit in.
            Self::System => Ticks(nanos(START.elapsed())),
            Self::Manual(clock) => Ticks(clock.now().0),
        }
    }
}

impl Clock for ClockSource {
    #[inline]
    fn now(&self) -> TimestampNs {
        match self {
            Self::System => TimestampNs::now(),
            Self::Manual(clock) => clock.now(),
        }
    }
}
