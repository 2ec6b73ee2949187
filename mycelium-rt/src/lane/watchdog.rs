//! Reports lanes that are stuck in a handler.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::control::{Control, LaneState};
use super::spec::LaneSpec;
use crate::config::{Hooks, Stuck};
use crate::notice;

/// One lane that is watched.
#[derive(Debug)]
struct Watched {
    lane: Arc<LaneState>,
    limit: Duration,
    /// What the lane had done when it was last seen to move.
    seen: (u64, u64),
    moved: Instant,
    reported: bool,
}

impl Watched {
    fn look(&mut self, now: Instant) -> Option<Stuck> {
        let seen = (self.lane.words.turns.get(), self.lane.in_flight.begun());
        let idle = self.lane.asleep.load(Ordering::Relaxed) || self.lane.ended.load(Ordering::Relaxed);
        if seen != self.seen || idle {
            (self.seen, self.moved, self.reported) = (seen, now, false);
            return None;
        }
        let since = now.saturating_duration_since(self.moved);
        if since < self.limit || self.reported {
            return None;
        }
        self.reported = true;
        Some(Stuck { lane: self.lane.name, since })
    }
}

/// Watches the lanes that ask for it until `end` is dropped.
pub(super) fn watch(control: &Control, lanes: &[LaneSpec], hooks: &Hooks, end: &Receiver<()>) {
    let now = Instant::now();
    let watched = lanes.iter().zip(&control.lanes).filter_map(|(spec, lane)| {
        let limit = spec.watchdog?;
        Some(Watched { lane: Arc::clone(lane), limit, seen: (0, 0), moved: now, reported: false })
    });
    let mut watched: Vec<_> = watched.collect();
    let Some(shortest) = watched.iter().map(|lane| lane.limit).min() else { return };
    // A lane is reported after one and a quarter of its limit at the latest.
    let pause = shortest.checked_div(4).unwrap_or(shortest).max(Duration::from_millis(1));
    while end.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        for stuck in watched.iter_mut().filter_map(|lane| lane.look(Instant::now())) {
            notice::error!(hooks.notices, lane = stuck.lane, since = ?stuck.since, "stuck in a handler");
            hooks.stuck(&stuck);
        }
    }
}
