//! Saturating arithmetic on times and durations that users give: it never overflows.
//!
//! No other module adds to a time: clippy denies the operators of [`Instant`] and [`Duration`] (`arithmetic_side_effects`, which `clippy.toml`
//! allows for numbers only), and [`Ticks`] has none.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The start of this process, or rather the first use of this module.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Sets [`START`], so that threads started from now on only read it.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) fn begin() {
    LazyLock::force(&START);
}

/// Longer than any program runs, and short enough for every clock: tokio and the kernel add to their arguments.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// `limit`, but at most a hundred years.
pub(crate) fn bounded(limit: Duration) -> Duration {
    limit.min(CENTURY)
}

/// The time `by` after `time`, but at most a hundred years after it.
pub(crate) fn later(time: Instant, by: Duration) -> Instant {
    time.checked_add(bounded(by)).unwrap_or(time)
}

/// The time `limit` from now, but at most a hundred years from now.
pub(crate) fn after(limit: Duration) -> Instant {
    later(Instant::now(), limit)
}

/// The nanoseconds from [`START`] to `time`, zero if `time` is before that. 584 years fit.
pub(crate) fn since_start(time: Instant) -> u64 {
    nanos(time.saturating_duration_since(*START))
}

/// The time `nanos` nanoseconds after [`START`].
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) fn at(nanos: u64) -> Instant {
    START.checked_add(Duration::from_nanos(nanos)).unwrap_or_else(|| later(*START, CENTURY))
}

/// A duration in nanoseconds, saturating.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A time of the clock that drives timers, sources and restarts, in nanoseconds since an arbitrary moment of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticks(pub(crate) u64);

impl Ticks {
    /// The end of time, which no clock [reaches](Self::has_reached).
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// The time `pause` later, saturating.
    pub(crate) fn after(self, pause: Duration) -> Self {
        Self(self.0.saturating_add(nanos(pause)))
    }

    /// The duration since `earlier`; zero if that is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Whether `due` has come at this time.
    pub(crate) fn has_reached(self, due: Self) -> bool {
        due <= self && due != Self::NEVER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTREMES: [Duration; 5] = [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_nanos(u64::MAX),
        Duration::from_secs(u64::MAX >> 1),
        Duration::MAX,
    ];

    #[test]
    fn a_limit_beyond_all_clocks_is_a_century_and_has_not_passed() {
        let now = Instant::now();
        for limit in EXTREMES {
            let due = later(now, limit);
            assert_eq!(due.saturating_duration_since(now), limit.min(CENTURY), "{limit:?}");
            // Others add to it, which must not overflow either.
            assert!(due.checked_add(CENTURY).is_some());
        }
        assert!(after(Duration::ZERO) <= Instant::now());
    }

    #[test]
    fn ticks_saturate_at_never_which_is_never_reached() {
        for now in [Ticks(0), Ticks(u64::MAX - 1), Ticks::NEVER] {
            for pause in EXTREMES {
                assert!(now.after(pause) >= now);
                assert!(now.after(pause).since(now) <= pause);
            }
            assert!(!now.has_reached(now.after(Duration::MAX)));
            assert_eq!(now.since(Ticks::NEVER), Duration::ZERO);
        }
        assert!(Ticks(7).has_reached(Ticks(7)) && !Ticks(7).has_reached(Ticks(8)));
    }
}
