//! How many messages a peer can have numbered.
//!
//! What a peer says that it has dropped goes into a counter, and a number that is made up would fill the counter for ever. Two things are
//! known of an honest sender: it numbers no more than one message in a nanosecond, and since its connection came about only so many
//! nanoseconds have gone by. What it did before that is its word alone, for which there is a bound that no program reaches: 2⁴⁸ messages
//! are ten million a second for 325 days, all of them dropped before the first one was sent.

use std::time::Instant;

use crate::time::nanos;

/// Messages that a sender may have dropped before its connection came about.
const BEFORE: u64 = 1 << 48;

/// What is plausible of one connection.
#[derive(Debug)]
pub(crate) struct Plausible {
    since: Instant,
    first: u64,
}

impl Plausible {
    /// A connection came about at `since`, on which `first` is the next number.
    pub(crate) fn new(first: u64, since: Instant) -> Self {
        Self { since, first }
    }

    /// The first number that its sender can't have come to by `now`.
    pub(crate) fn limit(&self, now: Instant) -> u64 {
        let since = nanos(now.saturating_duration_since(self.since));
        self.first.saturating_add(BEFORE).saturating_add(since)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_limit_grows_with_time_and_never_overflows() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let of = |first, now| Plausible::new(first, later - Duration::from_secs(1)).limit(now);
        assert_eq!((of(0, now), of(7, later)), (1 << 48, (1 << 48) + 1_000_000_007));
        assert_eq!(of(u64::MAX - 1, later), u64::MAX);
        assert_eq!(Plausible::new(0, later).limit(now), 1 << 48);
    }
}
