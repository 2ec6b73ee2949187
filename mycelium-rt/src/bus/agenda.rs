//! What a service does by itself: its sources and its timers.

use std::time::Duration;

use super::ServiceContext;
use crate::routing::{Driven, Poll, Ticking, Timer};
use crate::time::Ticks;

/// How long a source that has nothing now is left alone.
const IDLE: Duration = Duration::from_millis(1);

/// Times a source is asked in one turn as long as it has something.
const SOURCE_TURN: usize = 16;

/// The sources and timers of one service, with when each is due.
pub(super) struct Agenda {
    /// When each source is asked again; `None` once it has finished.
    sources: Vec<Option<Ticks>>,
    timers: Vec<Ticking>,
}

impl Agenda {
    pub(super) fn new(sources: usize, timers: &[Timer], now: Ticks) -> Self {
        let timers = timers.iter().map(|timer| Ticking::new(timer.period, now));
        Self { sources: vec![Some(now); sources], timers: timers.collect() }
    }

    /// The service has started at `now`, and was not there before.
    pub(super) fn begin(&mut self, now: Ticks) {
        self.timers.iter_mut().for_each(|timer| timer.begin(now));
    }

    /// The earliest time at which there is something to do.
    pub(super) fn next(&self) -> Option<Ticks> {
        self.sources.iter().flatten().copied().chain(self.timers.iter().map(|timer| timer.due())).min()
    }

    /// Does what is due at `now`, as long as it `goes_on`: each timer once, each source as long as it has something, up to a bound.
    pub(super) fn turn<S: Driven<ServiceContext>>(
        &mut self,
        service: &mut S,
        cx: &mut ServiceContext,
        now: Ticks,
        goes_on: impl Fn() -> bool,
    ) {
        for (index, timer) in self.timers.iter_mut().enumerate().filter(|(_, timer)| now.has_reached(timer.due())) {
            if !goes_on() {
                return;
            }
            cx.tally().missed_ticks.add(timer.advance(now));
            service.fire(index, cx);
        }
        for (index, due) in self.sources.iter_mut().enumerate() {
            if due.is_some_and(|due| now.has_reached(due)) {
                *due = ask(service, index, cx, now, &goes_on);
            }
        }
    }
}

/// When the source is to be asked again.
fn ask<S: Driven<ServiceContext>>(
    service: &mut S,
    index: usize,
    cx: &mut ServiceContext,
    now: Ticks,
    goes_on: impl Fn() -> bool,
) -> Option<Ticks> {
    for _ in 0..SOURCE_TURN {
        if !goes_on() {
            break;
        }
        match service.poll_source(index, cx) {
            Poll::Ready => {}
            Poll::Idle => return Some(now.after(IDLE)),
            Poll::IdleFor(pause) => return Some(now.after(pause)),
            Poll::Finished => return None,
        }
    }
    Some(now)
}
