use core::time::Duration;

/// When a timer is due next, in nanoseconds of the clock that drives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticking {
    due: u64,
    period: u64,
}

impl Ticking {
    /// Due one period after `now`.
    pub(crate) fn new(period: Duration, now: u64) -> Self {
        // No timer is due more than once in a nanosecond.
        let period = nanos(period).max(1);
        Self { due: now.saturating_add(period), period }
    }

    /// The next time.
    pub(crate) fn due(self) -> u64 {
        self.due
    }

    /// Goes on to the next time after `now`, which is a whole number of periods after the first one, so that nothing drifts. Returns
    /// how many ticks were missed. To be called when it is due.
    pub(crate) fn advance(&mut self, now: u64) -> u64 {
        let missed = (now - self.due) / self.period;
        self.due = self.due.saturating_add(self.period.saturating_mul(missed + 1));
        missed
    }
}

/// A time in nanoseconds; the longest that can be told, if it is longer.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
