//! What `routing_config!` says about lanes, as constants.

use core::time::Duration;

use crate::link::{Batch, OnFull};
use crate::routing::{Source, Timer};

/// One lane: where it runs, how it waits, and what follows a panic.
#[derive(Clone, Copy, Debug)]
pub struct LaneSpec {
    /// The lane's name.
    pub name: &'static str,
    /// Where it runs.
    pub place: Place,
    /// What follows a panic.
    pub on_panic: OnPanic,
    /// How long one message may take before the lane is reported as stuck.
    pub watchdog: Option<Duration>,
}

/// Where a lane runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A thread of its own that never leaves this core.
    Pinned {
        /// The number of the core, as the kernel counts them.
        core: usize,
        /// What it does when there is nothing to do.
        wait: Wait,
    },
    /// A thread of its own, on whatever core the kernel chooses.
    Thread {
        /// What it does when there is nothing to do.
        wait: Wait,
    },
    /// A task of the runtime that [`Config::tokio`](crate::Config) names.
    Tokio,
}

/// What a lane does when it has nothing to do.
///
/// ```
/// use mycelium_rt::lane::Wait;
/// use std::time::Duration;
///
/// assert_eq!(Wait::default(), Wait::Park { spin: Duration::from_micros(20) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Looks again at once, for ever: the lowest latency, for a whole core.
    Spin,
    /// Looks again for as long as `spin`, then sleeps until there is something: a message, a descriptor, a timer.
    Park {
        /// How long to look before sleeping; about what being woken costs is a good budget.
        spin: Duration,
    },
    /// Gives its core away, then looks again: for more lanes than cores, mainly in tests.
    Yield,
}

impl Wait {
    /// Sleeps after 20 µs without work.
    pub const PARK: Self = Self::Park { spin: Duration::from_micros(20) };
}

impl Default for Wait {
    fn default() -> Self {
        Self::PARK
    }
}

/// What follows a panic on a lane, or with `on_error: propagate` an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnPanic {
    /// The lane stops, and the whole system with it: the other lanes drain and end.
    #[default]
    Stop,
    /// All services of the lane are made anew by the factory of `start_with`.
    Restart(Restart),
    /// The process aborts.
    Abort,
}

/// How often a lane is restarted, and after which pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// This many restarts are allowed within `within`; the next panic stops the lane.
    pub max: u32,
    /// The window.
    pub within: Duration,
    /// The pause before the first restart. It doubles with each one after that, up to `within`, each shortened at random by up
    /// to a half, and begins again once the lane has run for `within` without a panic.
    pub backoff: Duration,
}

impl Restart {
    /// Five restarts within ten seconds, the first after 10 ms.
    pub const DEFAULT: Self = Self { max: 5, within: Duration::from_secs(10), backoff: Duration::from_millis(10) };
}

impl Default for Restart {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl LaneSpec {
    /// A lane on a thread of its own that parks: what a router without `lanes` has.
    pub const fn thread(name: &'static str) -> Self {
        Self { name, place: Place::Thread { wait: Wait::PARK }, on_panic: OnPanic::Stop, watchdog: None }
    }
}

/// One ring from one lane to another.
#[derive(Clone, Copy, Debug)]
pub struct RingSpec {
    /// The index of the lane that sends.
    pub from: usize,
    /// The index of the lane that receives.
    pub to: usize,
    /// What it carries, and to whom.
    pub kind: RingKind,
    /// The size of the largest message that it carries, in bytes.
    pub max_body: usize,
}

impl RingSpec {
    /// What a place in a table holds before its ring is found.
    #[doc(hidden)]
    pub const NONE: Self = Self { from: 0, to: 0, kind: RingKind::Implicit, max_body: 0 };
}

/// What a ring between lanes is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingKind {
    /// Whatever the receiving lane's services get from the sending lane without `via`: 1,024 messages, and who finds no room waits.
    Implicit,
    /// What goes to one service `via queue(N)`.
    Queue {
        /// The index of the service.
        service: usize,
        /// The messages that it holds.
        room: usize,
        /// What happens to a message that finds no room.
        on_full: OnFull,
        /// When a receiver that sleeps is woken.
        batch: Batch,
    },
}

impl RingKind {
    /// Messages that an implicit ring holds.
    pub const IMPLICIT_ROOM: usize = 1024;

    pub(super) const fn room(self) -> usize {
        match self {
            Self::Implicit => Self::IMPLICIT_ROOM,
            Self::Queue { room, .. } => room,
        }
    }

    pub(super) const fn on_full(self) -> OnFull {
        match self {
            Self::Implicit => OnFull::Block,
            Self::Queue { on_full, .. } => on_full,
        }
    }

    pub(super) const fn batch(self) -> Batch {
        match self {
            Self::Implicit => Batch::low_latency(),
            Self::Queue { batch, .. } => batch,
        }
    }
}

/// One service of a system.
#[derive(Clone, Copy, Debug)]
pub struct ServiceSpec {
    /// The service, as the router calls it.
    pub name: &'static str,
    /// The lane that it lives on; for one behind a task, the lane that looks after the task.
    pub lane: usize,
    /// Whether it lives behind a task.
    pub task: bool,
    /// Its `#[source]` methods.
    pub sources: &'static [Source],
    /// Its `#[every]` methods.
    pub timers: &'static [Timer],
}
