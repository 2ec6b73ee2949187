//! Points in time and spans of time.

use core::fmt;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::filler::Filler;

/// A point in time: nanoseconds since 1970-01-01 00:00 UTC, without leap seconds. The last one is in the year 2554.
///
/// ```
/// use mycelium_rt::{DurationNs, TimestampNs};
///
/// let day = TimestampNs(1_700_000_000_000_000_000);
/// assert_eq!(day.checked_add(DurationNs(5)), Some(TimestampNs(1_700_000_000_000_000_005)));
/// assert_eq!(day.to_string(), "1700000000.000000000s");
/// ```
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
#[repr(transparent)]
pub struct TimestampNs(pub u64);

/// A span of time in nanoseconds, at most 292 years; a negative one goes back in time.
///
/// ```
/// use std::time::Duration;
///
/// use mycelium_rt::DurationNs;
///
/// assert_eq!(DurationNs::try_from(Duration::from_millis(20)), Ok(DurationNs(20_000_000)));
/// assert_eq!(DurationNs(-1_500_000_000).to_string(), "-1.500000000s");
/// ```
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
#[repr(transparent)]
pub struct DurationNs(pub i64);

/// A time outside of the range of 64-bit nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRangeError;

impl fmt::Display for TimeRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is out of the range of 64-bit nanoseconds")
    }
}

impl core::error::Error for TimeRangeError {}

const NANOS_PER_SECOND: u64 = 1_000_000_000;

impl TimestampNs {
    /// The current time of the system's clock; the epoch if the clock is before it.
    pub fn now() -> Self {
        Self::try_from(SystemTime::now()).unwrap_or_default()
    }

    /// The time `span` later, or `None` if it is out of range.
    pub const fn checked_add(self, span: DurationNs) -> Option<Self> {
        match self.0.checked_add_signed(span.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The span from `earlier` to this time, negative if `earlier` is later; `None` beyond 292 years.
    pub const fn checked_since(self, earlier: Self) -> Option<DurationNs> {
        // Wrapping, so that the difference has its sign; which one it must have is known.
        let nanos = self.0.wrapping_sub(earlier.0).cast_signed();
        if (nanos >= 0) == (self.0 >= earlier.0) { Some(DurationNs(nanos)) } else { None }
    }
}

impl DurationNs {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// The sum, or `None` if it is out of range.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The difference, or `None` if it is out of range.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }
}

impl TryFrom<SystemTime> for TimestampNs {
    type Error = TimeRangeError;

    fn try_from(time: SystemTime) -> Result<Self, TimeRangeError> {
        let since_epoch = time.duration_since(UNIX_EPOCH).map_err(|_| TimeRangeError)?;
        u64::try_from(since_epoch.as_nanos()).map(Self).map_err(|_| TimeRangeError)
    }
}

impl From<TimestampNs> for SystemTime {
    fn from(time: TimestampNs) -> Self {
        UNIX_EPOCH.checked_add(Duration::from_nanos(time.0)).unwrap_or(UNIX_EPOCH)
    }
}

impl TryFrom<Duration> for DurationNs {
    type Error = TimeRangeError;

    fn try_from(span: Duration) -> Result<Self, TimeRangeError> {
        i64::try_from(span.as_nanos()).map(Self).map_err(|_| TimeRangeError)
    }
}

/// A negative span is an error.
impl TryFrom<DurationNs> for Duration {
    type Error = TimeRangeError;

    fn try_from(span: DurationNs) -> Result<Self, TimeRangeError> {
        u64::try_from(span.0).map(Self::from_nanos).map_err(|_| TimeRangeError)
    }
}

impl Filler for TimestampNs {
    const FILLER: Self = Self(0);
}

impl Filler for DurationNs {
    const FILLER: Self = Self(0);
}

/// Seconds since the epoch with nine decimals.
impl fmt::Display for TimestampNs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}s", self.0 / NANOS_PER_SECOND, self.0 % NANOS_PER_SECOND)
    }
}

/// Seconds with nine decimals.
impl fmt::Display for DurationNs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:09}s", nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND)
    }
}
