//! What a service does by itself: its sources and its timers.

use std::time::Duration;

use super::ServiceContext;
use crate::routing::{Driven, Poll, Ticking, Timer, nanos};

/// How long a source that has nothing now is left alone.
const IDLE: Duration = Duration::from_millis(1);

/// Times a source is asked in one turn as long as it has something.
const SOURCE_TURN: usize = 16;

/// The sources and timers of one service, with when each is due.
pub(super) struct Agenda {
    /// When each source is asked again; `None` once it has finished.
    sources: Vec<Option<u64>>,
    timers: Vec<Ticking>,
}

impl Agenda {
    pub(super) fn new(sources: usize, timers: &[Timer], now: u64) -> Self {
        let timers = timers.iter().map(|timer| Ticking::new(timer.period, now));
        Self { sources: vec![Some(now); sources], timers: timers.collect() }
    }

    /// The earliest time at which there is something to do.
    pub(super) fn next(&self) -> Option<u64> {
        self.sources.iter().flatten().copied().chain(self.timers.iter().map(|timer| timer.due())).min()
    }

    /// Does what is due at `now`: each timer once, each source as long as it has something, up to a bound.
    pub(super) fn turn<S: Driven<ServiceContext>>(&mut self, service: &mut S, cx: &mut ServiceContext, now: u64) {
        for (index, timer) in self.timers.iter_mut().enumerate().filter(|(_, timer)| timer.due() <= now) {
            cx.tally().missed_ticks.add(timer.advance(now));
            service.fire(index, cx);
        }
        for (index, due) in self.sources.iter_mut().enumerate() {
            if due.is_some_and(|due| due <= now) {
                *due = ask(service, index, cx, now);
            }
        }
    }
}

/// When the source is to be asked again.
fn ask<S: Driven<ServiceContext>>(service: &mut S, index: usize, cx: &mut ServiceContext, now: u64) -> Option<u64> {
    for _ in 0..SOURCE_TURN {
        match service.poll_source(index, cx) {
            Poll::Ready => {}
            Poll::Idle => return Some(now.saturating_add(nanos(IDLE))),
            Poll::IdleFor(pause) => return Some(now.saturating_add(nanos(pause))),
            Poll::Finished => return None,
        }
    }
    Some(now)
}
