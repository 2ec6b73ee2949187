use core::time::Duration;

use crate::time::{Ticks, nanos};

/// A tick that is late by less than this is called all the same. What wakes a sleeper is coarser than a short period: tokio's timers
/// go by milliseconds, and a thread may have to wait for its time slice.
const CATCH_UP: Duration = Duration::from_millis(10);

/// When a timer is due next, by the clock that drives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticking {
    due: Ticks,
    period: Duration,
}

impl Ticking {
    /// Due one period after `now`.
    pub(crate) fn new(period: Duration, now: Ticks) -> Self {
        // No timer is due more than once in a nanosecond.
        let period = period.max(Duration::from_nanos(1));
        Self { due: now.after(period), period }
    }

    /// The next time.
    pub(crate) fn due(self) -> Ticks {
        self.due
    }

    /// Goes on to the time after the tick that is to be called now, which is a whole number of periods after the first one, so that
    /// nothing drifts. Returns how many ticks before it were missed: they are late by a period, and by more than can be caught up
    /// with. To be called when it is due.
    pub(crate) fn advance(&mut self, now: Ticks) -> u64 {
        let (late, period) = (nanos(now.since(self.due)), nanos(self.period));
        let too_late = period.max(nanos(CATCH_UP));
        let missed = match late.checked_sub(too_late) {
            Some(beyond) => (beyond / period).saturating_add(1),
            None => 0,
        };
        self.skip(missed.saturating_add(1));
        missed
    }

    /// Leaves out the ticks before `now` but the last: what drives the timer begins only then.
    #[cfg(feature = "tokio")]
    pub(crate) fn begin(&mut self, now: Ticks) {
        self.skip(nanos(now.since(self.due)) / nanos(self.period));
    }

    fn skip(&mut self, ticks: u64) {
        self.due = self.due.after(Duration::from_nanos(nanos(self.period).saturating_mul(ticks)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// The ticks that are called at these times, in milliseconds, and how many were missed.
    fn ticks(period: u64, times: &[u64]) -> (usize, u64) {
        let mut ticking = Ticking::new(Duration::from_millis(period), Ticks(0));
        let (mut called, mut missed) = (0, 0);
        for now in times.iter().map(|ms| Ticks(ms * MS)) {
            while now.has_reached(ticking.due()) {
                missed += ticking.advance(now);
                called += 1;
            }
        }
        (called, missed)
    }

    #[test]
    fn each_tick_is_called_or_missed() {
        for period in [1, 2, 3, 7, 10, 11, 100, 250] {
            for pause in [1, 2, 3, 9, 10, 11, 12, 25, 99, 100, 101, 350, 1_000] {
                let times: Vec<u64> = (1..=50).map(|turn| turn * pause).collect();
                let (called, missed) = ticks(period, &times);
                assert_eq!(
                    called as u64 + missed,
                    50 * pause / period,
                    "every {period} ms, looked at every {pause} ms"
                );
                if pause < period.max(10) {
                    assert_eq!(missed, 0, "every {period} ms, looked at every {pause} ms");
                }
            }
        }
    }

    #[test]
    fn what_is_late_by_a_long_period_is_not_made_up_for() {
        assert_eq!(ticks(100, &[100, 450, 500]), (3, 2));
        assert_eq!(ticks(250, &[1_500]), (1, 5));
        assert_eq!(ticks(1, &[1, 100]), (11, 89));
    }

    #[test]
    fn ticks_end_where_time_does() {
        for period in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), Duration::MAX] {
            let mut ticking = Ticking::new(period, Ticks(0));
            for now in [Ticks(0), Ticks(1), Ticks(u64::MAX - 1), Ticks::NEVER] {
                let due = ticking.due();
                ticking.advance(now);
                assert!(ticking.due() >= due);
            }
        }
    }
}
