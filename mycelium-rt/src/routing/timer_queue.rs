//! What is done without a message: the sources and timers of the services that a router, a lane or a task drives.

use std::time::Duration;

use super::{Due, Source, SourceState, Timer};
use crate::counters::Counter;
use crate::time::{Ticks, nanos};

/// Times a source is asked in one turn as long as it has something.
const SOURCE_TURN: usize = 16;

/// How long a lane or a task that sleeps leaves a source alone that has nothing now.
const IDLE: Duration = Duration::from_millis(1);

/// Sources and timers, with when each is due.
#[derive(Debug)]
pub(crate) struct TimerQueue {
    sources: Vec<SourceEntry>,
    timers: Vec<TimerEntry>,
    /// The earliest time at which something here needs a clock; never if nothing does.
    next: Ticks,
    /// Sources that have finished and that nobody was told of. Kept here, for a panic of the next source in the same turn.
    ended: usize,
    /// Whether the last turn found something to do.
    busy: bool,
}

/// A source or a timer on an timers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// The index of its service, as who made the timers counts them.
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
    state: Asking,
}

/// When a source is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    /// Asked in every turn; `true` if a lane may sleep for a moment nevertheless.
    Due {
        idle: bool,
    },
    /// Asked again at this time.
    Until(Ticks),
    Finished,
}

#[derive(Debug)]
struct TimerEntry {
    item: Item,
    ticking: Ticking,
}

/// When a lane or a task has to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sleep {
    /// At once.
    No,
    /// After so long, whatever the clock says, or at this time of the clock, if there is one.
    Until {
        /// By the computer's own time.
        real: Option<Duration>,
        /// By the router's clock.
        ticks: Option<Ticks>,
    },
}

impl TimerQueue {
    /// One with nothing on it.
    pub(crate) fn new() -> Self {
        Self { sources: Vec::new(), timers: Vec::new(), next: Ticks::NEVER, ended: 0, busy: false }
    }

    /// Adds what the service at this index has, each timer due one period after `now`.
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
            SourceEntry { item, state: Asking::Due { idle: false } }
        }));
        self.timers.extend(timers.iter().enumerate().map(|(index, timer)| {
            let item = Item { service, name, method: timer.method, due: Due::Timer(index) };
            TimerEntry { item, ticking: Ticking::new(timer.period, now) }
        }));
        self.next = self.earliest();
    }

    /// What drives the timers begins only at `now`: ticks before that are not missed.
    #[cfg(feature = "tokio")]
    pub(crate) fn begin(&mut self, now: Ticks) {
        self.timers.iter_mut().for_each(|timer| timer.ticking.begin(now));
        self.next = self.earliest();
    }

    /// Whether there is nothing on it.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.timers.is_empty()
    }

    /// Whether a [`turn`](Self::turn) would call anything. Where something goes by the clock, `now` is called.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_due(&self, now: impl FnOnce() -> Ticks) -> bool {
        let is_asked = |source: &SourceEntry| matches!(source.state, Asking::Due { .. });
        self.sources.iter().any(is_asked) || (self.needs_clock() && now().has_reached(self.next))
    }

    /// Whether it has anything that goes by the clock now.
    #[inline(always)]
    pub(crate) fn needs_clock(&self) -> bool {
        self.next != Ticks::NEVER
    }

    /// Sources that have not finished, or that nobody was told of.
    pub(crate) fn live_sources(&self) -> usize {
        self.sources.iter().filter(|source| source.state != Asking::Finished).count() + self.ended
    }

    /// How many sources have finished since this was last asked.
    pub(crate) fn take_ended(&mut self) -> usize {
        std::mem::take(&mut self.ended)
    }

    /// One turn, in the order that holds wherever a router runs: it calls the timers that are due, each once, and then asks the sources,
    /// each a bounded number of times. Where something goes by the clock, `now` is called if the caller wants to `look`, and after each
    /// turn that found something to do. Ticks that are too late are not called, but counted in `missed`. Returns how many calls found
    /// something to do.
    ///
    /// # Errors
    /// The first that `call` returns; what comes after it waits for the next turn.
    #[inline]
    pub(crate) fn turn<E>(
        &mut self,
        now: impl Fn() -> Ticks,
        look: bool,
        missed: &Counter,
        mut call: impl FnMut(&Item) -> Result<SourceState, E>,
    ) -> Result<usize, E> {
        let looks = (look || self.busy) && self.needs_clock();
        // As long as nothing else is known: `call` may fail, or panic.
        self.busy = true;
        let fired = if looks { self.tick(now(), missed, &mut call)? } else { 0 };
        // Behind the timers, so that a source whose pause is over is asked at once.
        let calls = fired + self.ask(now, call)?;
        self.busy = calls > 0;
        Ok(calls)
    }

    /// Asks the sources that are due whatever the time is. Returns how many calls found something to do.
    ///
    /// # Errors
    /// The first that `call` returns; what comes after it waits for the next turn.
    #[inline]
    fn ask<E>(
        &mut self,
        now: impl Fn() -> Ticks,
        mut call: impl FnMut(&Item) -> Result<SourceState, E>,
    ) -> Result<usize, E> {
        let mut calls = 0;
        for source in &mut self.sources {
            if !matches!(source.state, Asking::Due { .. }) {
                continue;
            }
            source.state = turn(&source.item, &mut calls, &now, &mut call)?;
            match source.state {
                Asking::Until(due) => self.next = self.next.min(due),
                Asking::Finished => self.ended += 1,
                Asking::Due { .. } => {}
            }
        }
        Ok(calls)
    }

    /// Does what is due at `now`. Ticks that are too late are not called, but counted in `missed`. Returns how many
    /// timers were called.
    ///
    /// # Errors
    /// The first that `call` returns; what comes after it waits for the next turn.
    fn tick<E>(
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
            if matches!(source.state, Asking::Until(due) if now.has_reached(due)) {
                source.state = Asking::Due { idle: false };
            }
        }
        self.next = self.earliest();
        outcome.map(|()| fired)
    }

    /// How long who has found nothing to do may sleep.
    pub(crate) fn sleep(&self) -> Sleep {
        let mut real = None;
        for source in &self.sources {
            match source.state {
                Asking::Due { idle: false } => return Sleep::No,
                Asking::Due { idle: true } => real = Some(IDLE),
                Asking::Until(_) | Asking::Finished => {}
            }
        }
        Sleep::Until { real, ticks: self.needs_clock().then_some(self.next) }
    }

    fn earliest(&self) -> Ticks {
        let sources = self.sources.iter().filter_map(|source| match source.state {
            Asking::Until(due) => Some(due),
            Asking::Due { .. } | Asking::Finished => None,
        });
        self.timers.iter().map(|timer| timer.ticking.due()).chain(sources).min().unwrap_or(Ticks::NEVER)
    }
}

/// Asks one source as long as it has something, up to a bound.
fn turn<E>(
    item: &Item,
    calls: &mut usize,
    now: impl Fn() -> Ticks,
    call: &mut impl FnMut(&Item) -> Result<SourceState, E>,
) -> Result<Asking, E> {
    for _ in 0..SOURCE_TURN {
        match call(item)? {
            SourceState::Ready => *calls += 1,
            SourceState::Idle => return Ok(Asking::Due { idle: true }),
            SourceState::IdleFor(pause) => return Ok(Asking::Until(now().after(pause))),
            SourceState::Finished => return Ok(Asking::Finished),
        }
    }
    Ok(Asking::Due { idle: false })
}

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
mod tests;
