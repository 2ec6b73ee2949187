//! Looking at the sockets only now and then, so that not every poll makes a system call.

use std::time::{Duration, Instant};

/// How long an owner that polls all the time may leave sockets unattended.
const INTERVAL: Duration = Duration::from_micros(500);
/// If polls are further apart than this, each one reads the clock.
const SELDOM: Duration = Duration::from_micros(20);
/// The maximum number of polls between two readings of the clock.
const MOST: u32 = 64;

/// Decides when to look at the sockets: in every poll if the owner polls seldom, and twice per millisecond if it spins.
/// Reading the clock in every poll would cost too much as well, so how often it is read follows from how fast the polls
/// come.
#[derive(Debug)]
pub(crate) struct PollThrottle {
    left: u32,
    every: u32,
    read: Instant,
    looked: Instant,
}

impl PollThrottle {
    /// Due immediately.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self { left: 0, every: 1, read: now, looked: now.checked_sub(INTERVAL).unwrap_or(now) }
    }

    /// Makes the next call report that a look is due.
    pub(crate) fn hurry(&mut self) {
        *self = Self::new();
    }

    /// Whether a look is due now.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                false
            }
            None => self.read_clock(Instant::now()),
        }
    }

    fn read_clock(&mut self, now: Instant) -> bool {
        let each = now.duration_since(self.read).checked_div(self.every).unwrap_or_default();
        self.every = if each > SELDOM { 1 } else { (self.every * 2).min(MOST) };
        self.left = self.every - 1;
        self.read = now;
        let is_due = each > SELDOM || now.duration_since(self.looked) >= INTERVAL;
        if is_due {
            self.looked = now;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_that_polls_seldom_looks_each_time_and_one_that_spins_rarely() {
        let mut poll_throttle = PollThrottle::new();
        let mut now = poll_throttle.read;
        for _ in 0..10 {
            now += Duration::from_millis(1);
            assert!(poll_throttle.read_clock(now));
            assert_eq!(poll_throttle.left, 0);
        }
        let mut looks = 0;
        let mut polls = 0;
        while polls < 100_000 {
            let step = poll_throttle.left + 1;
            polls += step;
            now += Duration::from_nanos(20) * step;
            looks += u32::from(poll_throttle.read_clock(now));
        }
        assert_eq!(poll_throttle.every, MOST);
        assert!((3..=5).contains(&looks), "{looks} looks in 2 ms");
    }
}
