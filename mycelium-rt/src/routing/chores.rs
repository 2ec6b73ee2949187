use std::convert::Infallible;

use super::agenda::Agenda;
use super::clock_source::ClockSource;
use super::{Due, Poll, Source, Timer};
use crate::counters::{Group, LaneWords};

/// The sources and timers of a router that its owner drives by `poll`.
#[derive(Debug)]
pub struct Chores {
    agenda: Agenda,
    clock: ClockSource,
    words: Group<LaneWords>,
}

impl Chores {
    /// Those of these services, of which each is known by its index, its name and what it has; timers are due one period from now.
    pub fn new(clock: &ClockSource, services: &[(usize, &'static str, &'static [Source], &'static [Timer])]) -> Self {
        let (mut agenda, now) = (Agenda::new(), clock.ticks());
        for (index, name, sources, timers) in services {
            agenda.add(*index, name, sources, timers, now);
        }
        Self { agenda, clock: clock.clone(), words: Group::default() }
    }

    /// Does what is due, each timer once and each source a bounded number of times, by `call`. Returns how many calls found
    /// something to do.
    #[inline]
    pub fn turn(&mut self, mut call: impl FnMut(usize, Due) -> Poll) -> usize {
        let Self { agenda, clock, words } = self;
        let call = |item: &super::agenda::Item| Ok::<_, Infallible>(call(item.service, item.due));
        let Ok(calls) = agenda.turn(|| clock.ticks(), true, &words.missed_ticks, call);
        calls
    }

    /// Ticks that came so late that the next was due already.
    pub fn missed_ticks(&self) -> u64 {
        self.words.missed_ticks.get()
    }
}
