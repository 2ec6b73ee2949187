//! What a lane does by itself: its sources and its timers.

use std::time::Duration;

use super::dead_letter::{Letters, Origin};
use super::spec::ServiceSpec;
use super::system::{Body, Failure};
use crate::link::Counter;
use crate::routing::{Poll, Ticking, nanos};

/// Times a source is asked in one turn as long as it has something.
const SOURCE_TURN: usize = 16;

/// How long a lane that sleeps leaves a source alone that has nothing now.
const IDLE: Duration = Duration::from_millis(1);

/// The sources and timers of one lane, with when each is due.
#[derive(Debug)]
pub(super) struct Agenda {
    sources: Vec<SourceEntry>,
    timers: Vec<TimerEntry>,
    /// The earliest time at which something here needs a clock; the maximum if nothing does.
    next: u64,
    /// Sources that have finished and that nobody was told of. Kept here, for a panic of the next source in the same turn.
    ended: usize,
}

#[derive(Debug)]
struct SourceEntry {
    service: usize,
    index: usize,
    origin: Origin,
    state: SourceState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SourceState {
    /// Asked in every turn; `true` if a lane may sleep for a moment nevertheless.
    Due {
        idle: bool,
    },
    /// Asked again at this time.
    Until(u64),
    Finished,
}

#[derive(Debug)]
struct TimerEntry {
    service: usize,
    index: usize,
    origin: Origin,
    ticking: Ticking,
}

/// When a lane has to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sleep {
    /// At once.
    No,
    /// After so long, whatever the clock says, or at this time of the clock, if there is one.
    Until {
        /// By the computer's own time.
        real: Option<Duration>,
        /// By the router's clock.
        ticks: Option<u64>,
    },
}

impl Agenda {
    /// What the services of `lane` have, each timer due one period after `now`.
    pub(super) fn new(services: &[ServiceSpec], lane: usize, now: u64) -> Self {
        let (mut sources, mut timers) = (Vec::new(), Vec::new());
        for (service, spec) in services.iter().enumerate().filter(|(_, spec)| spec.lane == lane && !spec.task) {
            for (index, source) in spec.sources.iter().enumerate() {
                let origin = Origin::Source { service: spec.name, method: source.method };
                sources.push(SourceEntry { service, index, origin, state: SourceState::Due { idle: false } });
            }
            for (index, timer) in spec.timers.iter().enumerate() {
                let origin = Origin::Timer { service: spec.name, method: timer.method };
                timers.push(TimerEntry { service, index, origin, ticking: Ticking::new(timer.period, now) });
            }
        }
        let mut agenda = Self { sources, timers, next: u64::MAX, ended: 0 };
        agenda.next = agenda.earliest();
        agenda
    }

    /// Whether it has anything that goes by the clock now.
    #[inline(always)]
    pub(super) fn needs_clock(&self) -> bool {
        self.next != u64::MAX
    }

    /// Sources that have not finished, or that nobody was told of.
    pub(super) fn live_sources(&self) -> usize {
        self.sources.iter().filter(|source| source.state != SourceState::Finished).count() + self.ended
    }

    /// How many sources have finished since this was last asked.
    pub(super) fn take_ended(&mut self) -> usize {
        std::mem::take(&mut self.ended)
    }

    /// Asks the sources that are due whatever the time is. Returns how many calls found something to do.
    #[inline]
    pub(super) fn ask<B: Body>(
        &mut self,
        body: &mut B,
        letters: &Letters,
        now: impl Fn() -> u64,
    ) -> Result<usize, Failure> {
        let mut calls = 0;
        for source in &mut self.sources {
            if !matches!(source.state, SourceState::Due { .. }) {
                continue;
            }
            source.state = source.turn(body, letters, &mut calls, &now)?;
            match source.state {
                SourceState::Until(due) => self.next = self.next.min(due),
                SourceState::Finished => self.ended += 1,
                SourceState::Due { .. } => {}
            }
        }
        Ok(calls)
    }

    /// Does what is due at `now`. Ticks that are later than a whole period are not called, but counted in `missed`.
    pub(super) fn tick<B: Body>(
        &mut self,
        body: &mut B,
        letters: &Letters,
        now: u64,
        missed: &Counter,
    ) -> Result<usize, Failure> {
        if now < self.next {
            return Ok(0);
        }
        let mut fired = 0;
        let mut outcome = Ok(());
        for timer in self.timers.iter_mut().filter(|timer| timer.ticking.due() <= now) {
            missed.add(timer.ticking.advance(now));
            fired += 1;
            let letter = letters.open(timer.origin, 0, &[]);
            match body.fire(timer.service, timer.index) {
                Ok(()) => letter.close(),
                Err(error) => {
                    letters.failed(letter);
                    outcome = Err(error);
                    break;
                }
            }
        }
        for source in &mut self.sources {
            if matches!(source.state, SourceState::Until(due) if due <= now) {
                source.state = SourceState::Due { idle: false };
            }
        }
        self.next = self.earliest();
        outcome.map(|()| fired)
    }

    /// How long a lane that has found nothing to do may sleep.
    pub(super) fn sleep(&self) -> Sleep {
        let mut real = None;
        for source in &self.sources {
            match source.state {
                SourceState::Due { idle: false } => return Sleep::No,
                SourceState::Due { idle: true } => real = Some(IDLE),
                SourceState::Until(_) | SourceState::Finished => {}
            }
        }
        Sleep::Until { real, ticks: self.needs_clock().then_some(self.next) }
    }

    fn earliest(&self) -> u64 {
        let sources = self.sources.iter().filter_map(|source| match source.state {
            SourceState::Until(due) => Some(due),
            SourceState::Due { .. } | SourceState::Finished => None,
        });
        self.timers.iter().map(|timer| timer.ticking.due()).chain(sources).min().unwrap_or(u64::MAX)
    }
}

impl SourceEntry {
    fn turn<B: Body>(
        &self,
        body: &mut B,
        letters: &Letters,
        calls: &mut usize,
        now: impl Fn() -> u64,
    ) -> Result<SourceState, Failure> {
        for _ in 0..SOURCE_TURN {
            let letter = letters.open(self.origin, 0, &[]);
            let poll = match body.source(self.service, self.index) {
                Ok(poll) => poll,
                Err(error) => {
                    letters.failed(letter);
                    return Err(error);
                }
            };
            letter.close();
            match poll {
                Poll::Ready => *calls += 1,
                Poll::Idle => return Ok(SourceState::Due { idle: true }),
                Poll::IdleFor(pause) => return Ok(SourceState::Until(now().saturating_add(nanos(pause)))),
                Poll::Finished => return Ok(SourceState::Finished),
            }
        }
        Ok(SourceState::Due { idle: false })
    }
}
