use core::time::Duration;

use crate::time::{Ticks, nanos};

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

    /// Goes on to the next time after `now`, which is a whole number of periods after the first one, so that nothing drifts. Returns
    /// how many ticks were missed. To be called when it is due.
    pub(crate) fn advance(&mut self, now: Ticks) -> u64 {
        let missed = nanos(now.since(self.due)) / nanos(self.period);
        let behind = nanos(self.period).saturating_mul(missed);
        self.due = self.due.after(Duration::from_nanos(behind)).after(self.period);
        missed
    }
}
