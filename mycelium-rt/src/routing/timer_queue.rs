//! What runs without a message: the sources and timers of the services that a router, a lane or a task drives.

use std::time::Duration;

use super::{Due, Source, SourceState, Timer};
use crate::counters::Counter;
use crate::time::{Ticks, nanos};

/// The most calls of a source of weight 1 in one turn.
const SOURCE_TURN: u32 = 16;

/// The longest time between two calls of a source that is idle, while its lane or task sleeps.
const IDLE: Duration = Duration::from_millis(1);

/// Sources and timers, and when each is due.
#[derive(Debug)]
pub(crate) struct TimerQueue {
    sources: Vec<SourceEntry>,
    timers: Vec<TimerEntry>,
    /// The earliest time at which anything here is due by the clock; `NEVER` if nothing is.
    next: Ticks,
    /// Sources that have finished, and were not reported yet. Kept here, since the next source may panic in the same turn.
    ended: usize,
    /// Whether the last turn found something to do.
    busy: bool,
}

/// A source or a timer in the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// The index of its service, as its owner counts services.
    pub(crate) service: usize,
    /// The service, as the router calls it.
    pub(crate) name: &'static str,
    /// The name of the method.
    pub(crate) method: &'static str,
    /// What it is, and its index among those of its service.
    pub(crate) due: Due,
}

#[derive(Debug)]
struct SourceEntry {
    item: Item,
    /// The most calls in one turn.
    most: u32,
    state: SourceDue,
}

/// When a source is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SourceDue {
    /// In every turn; if it is `idle`, the lane may sleep for a moment nevertheless.
    Due {
        idle: bool,
    },
    /// Again at this time.
    Until(Ticks),
    Finished,
}

#[derive(Debug)]
struct TimerEntry {
    item: Item,
    ticking: Ticking,
}

/// How long a lane or a task may sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sleep {
    /// Not at all.
    No,
    /// Until the first of these that is given.
    Until {
        /// This long, by the computer's time.
        real: Option<Duration>,
        /// Until this time of the router's clock.
        ticks: Option<Ticks>,
    },
}

#[cfg(feature = "lanes")]
impl Sleep {
    /// The same, but until `due` at the latest.
    pub(crate) fn and_by(self, due: Ticks) -> Self {
        match self {
            Self::No => Self::No,
            Self::Until { real, ticks } => {
                let ticks = Some(ticks.map_or(due, |ticks| ticks.min(due))).filter(|ticks| *ticks != Ticks::NEVER);
                Self::Until { real, ticks }
            }
        }
    }
}

impl TimerQueue {
    /// An empty queue.
    pub(crate) fn new() -> Self {
        Self { sources: Vec::new(), timers: Vec::new(), next: Ticks::NEVER, ended: 0, busy: false }
    }

    /// Adds the sources and timers of the service at this index. Each timer is due one period after `now`.
    pub(crate) fn add(
        &mut self,
        service: usize,
        name: &'static str,
        sources: &'static [Source],
        timers: &'static [Timer],
        now: Ticks,
    ) {
        self.sources.extend(sources.iter().enumerate().map(|(index, source)| {
            let item = Item { service, name, method: source.method, due: Due::Source(index) };
            SourceEntry { item, most: SOURCE_TURN.saturating_mul(source.weight), state: SourceDue::Due { idle: false } }
        }));
        self.timers.extend(timers.iter().enumerate().map(|(index, timer)| {
            let item = Item { service, name, method: timer.method, due: Due::Timer(index) };
            TimerEntry { item, ticking: Ticking::new(timer.period, now) }
        }));
        self.next = self.earliest();
    }

    /// Skips the ticks before `now`, when the task begins; they don't count as missed.
    #[cfg(feature = "bus")]
    pub(crate) fn begin(&mut self, now: Ticks) {
        self.timers.iter_mut().for_each(|timer| timer.ticking.begin(now));
        self.next = self.earliest();
    }

    /// Whether it has neither sources nor timers.
    #[cfg(feature = "bus")]
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.timers.is_empty()
    }

    /// Whether a [`turn`](Self::turn) would call anything. `now` is called only if something is due by the clock.
    #[cfg(feature = "bus")]
    pub(crate) fn is_due(&self, now: impl FnOnce() -> Ticks) -> bool {
        let is_called = |source: &SourceEntry| matches!(source.state, SourceDue::Due { .. });
        self.sources.iter().any(is_called) || (self.needs_clock() && now().has_reached(self.next))
    }

    /// Whether anything is due by the clock.
    #[inline(always)]
    pub(crate) fn needs_clock(&self) -> bool {
        self.next != Ticks::NEVER
    }

    /// The number of sources that have not finished, or were not reported as finished yet.
    pub(crate) fn live_sources(&self) -> usize {
        self.sources.iter().filter(|source| source.state != SourceDue::Finished).count() + self.ended
    }

    /// The number of sources that have finished since the last call.
    pub(crate) fn take_ended(&mut self) -> usize {
        std::mem::take(&mut self.ended)
    }

    /// One turn, in the order that holds wherever a router runs: it calls the timers that are due, each once, and then the sources, each a
    /// bounded number of times. If anything is due by the clock, `now` is called where the caller wants to `look`, and after each turn that
    /// found something to do. Ticks that are too late are skipped, and counted in `missed`. Returns the number of calls that found
    /// something to do.
    ///
    /// # Errors
    /// The first error that `call` returns; the rest waits for the next turn.
    #[inline]
    pub(crate) fn turn<E>(
        &mut self,
        now: impl Fn() -> Ticks,
        look: bool,
        missed: &Counter,
        mut call: impl FnMut(&Item) -> Result<SourceState, E>,
    ) -> Result<usize, E> {
        let looks = (look || self.busy) && self.needs_clock();
        // Until the turn is done: `call` may fail, or panic.
        self.busy = true;
        let fired = if looks { self.call_timers(now(), missed, &mut call)? } else { 0 };
        // After the timers, so that a source whose pause is over is called at once.
        let calls = fired + self.call_sources(now, call)?;
        self.busy = calls > 0;
        Ok(calls)
    }

    /// Calls the sources that don't wait for a time. Returns the number of calls that found something to do.
    ///
    /// # Errors
    /// The first error that `call` returns; the rest waits for the next turn.
    #[inline]
    fn call_sources<E>(
        &mut self,
        now: impl Fn() -> Ticks,
        mut call: impl FnMut(&Item) -> Result<SourceState, E>,
    ) -> Result<usize, E> {
        let mut calls = 0;
        for source in &mut self.sources {
            if !matches!(source.state, SourceDue::Due { .. }) {
                continue;
            }
            source.state = call_source(source, &mut calls, &now, &mut call)?;
            match source.state {
                SourceDue::Until(due) => self.next = self.next.min(due),
                SourceDue::Finished => self.ended += 1,
                SourceDue::Due { .. } => {}
            }
        }
        Ok(calls)
    }

    /// Calls the timers that are due at `now`. Ticks that are too late are skipped, and counted in `missed`. Returns the number of timers
    /// that were called.
    ///
    /// # Errors
    /// The first error that `call` returns; the rest waits for the next turn.
    fn call_timers<E>(
        &mut self,
        now: Ticks,
        missed: &Counter,
        mut call: impl FnMut(&Item) -> Result<SourceState, E>,
    ) -> Result<usize, E> {
        if !now.has_reached(self.next) {
            return Ok(0);
        }
        let mut fired = 0;
        let mut outcome = Ok(());
        for timer in self.timers.iter_mut().filter(|timer| now.has_reached(timer.ticking.due())) {
            missed.add(timer.ticking.advance(now));
            fired += 1;
            if let Err(error) = call(&timer.item) {
                outcome = Err(error);
                break;
            }
        }
        for source in &mut self.sources {
            if matches!(source.state, SourceDue::Until(due) if now.has_reached(due)) {
                source.state = SourceDue::Due { idle: false };
            }
        }
        self.next = self.earliest();
        outcome.map(|()| fired)
    }

    /// How long the owner may sleep after a turn that found nothing to do.
    pub(crate) fn sleep(&self) -> Sleep {
        let mut real = None;
        for source in &self.sources {
            match source.state {
                SourceDue::Due { idle: false } => return Sleep::No,
                SourceDue::Due { idle: true } => real = Some(IDLE),
                SourceDue::Until(_) | SourceDue::Finished => {}
            }
        }
        Sleep::Until { real, ticks: self.needs_clock().then_some(self.next) }
    }

    fn earliest(&self) -> Ticks {
        let sources = self.sources.iter().filter_map(|source| match source.state {
            SourceDue::Until(due) => Some(due),
            SourceDue::Due { .. } | SourceDue::Finished => None,
        });
        self.timers.iter().map(|timer| timer.ticking.due()).chain(sources).min().unwrap_or(Ticks::NEVER)
    }
}

/// Calls one source as long as it has something, up to a bound.
fn call_source<E>(
    source: &SourceEntry,
    calls: &mut usize,
    now: impl Fn() -> Ticks,
    call: &mut impl FnMut(&Item) -> Result<SourceState, E>,
) -> Result<SourceDue, E> {
    for _ in 0..source.most {
        match call(&source.item)? {
            SourceState::Ready => *calls += 1,
            SourceState::Idle => return Ok(SourceDue::Due { idle: true }),
            SourceState::IdleFor(pause) => return Ok(SourceDue::Until(now().after(pause))),
            SourceState::Finished => return Ok(SourceDue::Finished),
        }
    }
    Ok(SourceDue::Due { idle: false })
}

/// A tick that is late by less than this is called nevertheless. What wakes a sleeper is coarser than a short period: tokio's timers have
/// a resolution of a millisecond, and a thread may have to wait for its time slice.
const CATCH_UP: Duration = Duration::from_millis(10);

/// When a timer is due next, by its clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticking {
    due: Ticks,
    period: Duration,
}

impl Ticking {
    /// Due one period after `now`.
    pub(crate) fn new(period: Duration, now: Ticks) -> Self {
        // No timer is due more than once per nanosecond.
        let period = period.max(Duration::from_nanos(1));
        Self { due: now.after(period), period }
    }

    /// The next time.
    pub(crate) fn due(self) -> Ticks {
        self.due
    }

    /// Moves on to the tick after the one that is to be called now. Each tick is a whole number of periods after the first, so that nothing
    /// drifts. Returns the number of ticks that were missed before it: those that are late by a period or more, and by more than
    /// [`CATCH_UP`]. To be called when the timer is due.
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

    /// Skips the ticks before `now`, except the last one.
    #[cfg(feature = "bus")]
    pub(crate) fn begin(&mut self, now: Ticks) {
        self.skip(nanos(now.since(self.due)) / nanos(self.period));
    }

    fn skip(&mut self, ticks: u64) {
        self.due = self.due.after(Duration::from_nanos(nanos(self.period).saturating_mul(ticks)));
    }
}

#[cfg(test)]
mod tests;
