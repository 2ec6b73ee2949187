//! How long a peer may take for one frame.

use std::time::{Duration, Instant};

use crate::time::later;

/// A peer that is in the same frame for this many rounds has taken too long. Rounds are counted rather than time, so that an
/// owner that was away for long does not blame its peers: between any two rounds it has served them.
const ROUNDS: u32 = 4;

/// Decides when a round is due. A frame may take as long as [`ROUNDS`] rounds.
#[derive(Debug)]
pub(crate) struct FrameDeadline {
    every: Duration,
    next: Instant,
}

impl FrameDeadline {
    pub(crate) fn new(frame: Duration, now: Instant) -> Self {
        let every = frame.checked_div(ROUNDS).unwrap_or(frame);
        Self { every, next: later(now, every) }
    }

    /// Whether a round is due. If so, the next one begins now.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = later(now, self.every);
        }
        is_due
    }

    pub(crate) fn next(&self) -> Instant {
        self.next
    }
}

/// The frame that a peer was last seen in, and for how many rounds in a row.
#[derive(Debug, Default)]
pub(crate) struct FrameProgress {
    frame: Option<u64>,
    rounds: u32,
}

impl FrameProgress {
    /// Records that the peer is within the frame with this number, or between frames; returns whether it has been there for
    /// too long.
    pub(crate) fn note(&mut self, frame: Option<u64>) -> bool {
        self.rounds = if frame.is_some() && frame == self.frame { self.rounds + 1 } else { 0 };
        self.frame = frame;
        self.rounds >= ROUNDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_may_take_its_limit_and_at_most_a_quarter_more() {
        let start = Instant::now();
        let limit = Duration::from_millis(400);
        for first_byte in 0..200 {
            let (mut rounds, mut seen) = (FrameDeadline::new(limit, start), FrameProgress::default());
            let end = (0..2000).find(|&ms| {
                let is_due = rounds.is_due(start + Duration::from_millis(ms));
                is_due && seen.note((ms >= first_byte).then_some(7))
            });
            let took = end.unwrap() - first_byte;
            assert!((400..=500).contains(&took), "{took} ms");
        }
    }

    #[test]
    fn a_peer_that_makes_progress_never_stalls_however_seldom_it_is_polled() {
        let mut seen = FrameProgress::default();
        for frame in 0..100 {
            assert!(!seen.note(Some(frame)));
            assert!(!seen.note(Some(frame)));
            assert!(!seen.note(None));
        }
        let mut now = Instant::now();
        let mut rounds = FrameDeadline::new(Duration::from_millis(4), now);
        let mut seen = FrameProgress::default();
        // Away for an hour: one round, like any other.
        now += Duration::from_secs(3600);
        assert!(rounds.is_due(now) && !rounds.is_due(now));
        assert!(!seen.note(Some(1)));
        assert!(FrameDeadline::new(Duration::MAX, now).next() > now);
    }
}
