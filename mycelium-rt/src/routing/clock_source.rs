use std::sync::LazyLock;
use std::time::Instant;

use super::Clock;
use crate::TimestampNs;
use crate::testing::ManualClock;

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
    /// Nanoseconds since some moment of the past, which never go back on the system's clock: what timers go by.
    pub fn ticks(&self) -> u64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match self {
            // 584 years fit in.
            Self::System => u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX),
            Self::Manual(clock) => clock.now().0,
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
