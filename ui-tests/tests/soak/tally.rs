//! What services have done, counted outside of the services: a restart replaces a service, and these numbers remain.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::chaos::Chaos;

/// A number that anyone may add to.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// One more; the number before.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Numbers that must only grow.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The number after the last.
    pub(crate) next: Count,
    pub(crate) broken: Count,
}

impl Order {
    /// One caller at a time.
    pub(crate) fn see(&self, number: u64) {
        let next = self.next.0.swap(number + 1, Ordering::Relaxed);
        if number < next {
            self.broken.next();
        }
    }
}

/// How one kind of message fared: counted just before it is emitted, and when its handler has nothing left to do.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) sent: Count,
    pub(crate) handled: Count,
}

/// What the panics of one lane were, as their causes see it.
#[derive(Debug, Default)]
pub(crate) struct Panics {
    /// In handlers of messages.
    pub(crate) handlers: Count,
    /// In sources and timers.
    pub(crate) driven: Count,
    /// Dead letters that the hook has received.
    pub(crate) dead_letters: Count,
}

impl Panics {
    pub(crate) fn total(&self) -> u64 {
        self.handlers.get() + self.driven.get()
    }

    /// Panics now and then, in a handler.
    pub(crate) fn strike(&self, chaos: &Chaos) {
        if chaos.panics() {
            self.handlers.next();
            panic!("at random");
        }
    }

    /// The same in a source or a timer.
    pub(crate) fn strike_driven(&self, chaos: &Chaos) {
        if chaos.panics() {
            self.driven.next();
            panic!("at random");
        }
    }
}

/// How far a source is to go.
#[derive(Debug, Default)]
pub(crate) struct Goal(pub(crate) Count);

/// Everything about one round.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) chaos: Arc<Chaos>,
    pub(crate) bar_goal: Goal,
    pub(crate) rain_goal: Goal,

    /// Bars of the source, and what the maker handled of all bars.
    pub(crate) bars: Flow,
    /// Bars that senders were allowed to send.
    pub(crate) sent_bars: Count,
    pub(crate) signals: Flow,
    pub(crate) frail_signals: Count,
    pub(crate) breaches: Flow,
    /// Fills, and what the keeper handled of them.
    pub(crate) fills: Flow,
    pub(crate) journaled: Count,
    pub(crate) audited: Count,
    pub(crate) timer_beats: Count,
    pub(crate) task_beats: Count,
    pub(crate) beats_handled: Count,
    pub(crate) rain: Flow,
    pub(crate) failures: Count,

    pub(crate) intake: Panics,
    pub(crate) hot: Panics,
    pub(crate) web: Panics,
    pub(crate) cold: Panics,
    pub(crate) frail: Panics,
    pub(crate) sky: Panics,
    pub(crate) office: Panics,

    pub(crate) source_order: Order,
    pub(crate) signal_order: Order,
    pub(crate) keeper_order: Order,
    pub(crate) journal_order: Order,
    pub(crate) audit_order: Order,
    pub(crate) rain_order: Order,
}

impl Tally {
    pub(crate) fn new(chaos: Arc<Chaos>) -> Arc<Self> {
        Arc::new(Self { chaos, ..Self::default() })
    }

    /// The lane of this name, in either system.
    pub(crate) fn panics_of(&self, lane: &str) -> &Panics {
        match lane {
            "intake" => &self.intake,
            "hot" => &self.hot,
            "web" => &self.web,
            "cold" => &self.cold,
            "sky" => &self.sky,
            "office" => &self.office,
            _ => &self.frail,
        }
    }
}
