use super::timer_queue::TimerQueue;
use super::turn::Due;
use super::{Source, Timer};
use crate::clock::ClockSource;
use crate::counters::{Group, LaneWords};

/// A service of a router: its index, its name, and what it has.
pub type ServiceWork = (usize, &'static str, &'static [Source], &'static [Timer]);

/// The sources and timers of a router that its owner drives by `poll`.
#[derive(Debug)]
pub struct DueWork {
    timers: TimerQueue,
    clock: ClockSource,
    words: Group<LaneWords>,
}

impl DueWork {
    /// Those of these services; timers are due one period from now.
    pub(crate) fn new(clock: &ClockSource, services: &[ServiceWork], words: Option<Group<LaneWords>>) -> Self {
        let (mut timers, now) = (TimerQueue::new(), clock.ticks());
        for (index, name, sources, ticks) in services {
            timers.add(*index, name, sources, ticks, now);
        }
        Self { timers, clock: clock.clone(), words: words.unwrap_or_default() }
    }

    /// What a turn does of it.
    pub(crate) fn now(&mut self) -> Due<'_> {
        Due { timers: &mut self.timers, clock: &self.clock, missed: &self.words.missed_ticks, look: true }
    }

    /// Ticks that came so late that the next was due already.
    pub fn missed_ticks(&self) -> u64 {
        self.words.missed_ticks.get()
    }
}
