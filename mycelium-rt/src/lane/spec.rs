//! The constants that `routing_config!` writes about lanes, services and the rings between lanes.

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
    /// What it asks of the kernel.
    pub real_time: RealTime,
}

/// What a lane asks of the kernel so that nothing delays it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RealTime {
    /// Its priority under `SCHED_FIFO`, 1 to 99: it runs before all threads of lower and of ordinary priority, until it sleeps.
    pub fifo: Option<u8>,
    /// Whether all memory of the process stays in RAM.
    pub mlock: bool,
}

impl RealTime {
    /// Nothing.
    pub const NONE: Self = Self { fifo: None, mlock: false };
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
    /// A thread of its own, on any core that the kernel chooses.
    Thread {
        /// What it does when there is nothing to do.
        wait: Wait,
    },
    /// A task on the runtime that [`Config::tokio`](crate::Config) names.
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
    /// Looks again at once, for ever: the lowest latency, at the cost of a whole core.
    Spin,
    /// Looks again for as long as `spin`, then sleeps until a message, a descriptor or a timer wakes it.
    Park {
        /// How long to look before sleeping; about the cost of a wake-up is a good budget.
        spin: Duration,
    },
    /// Yields its core, then looks again: for more lanes than cores, mainly in tests.
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
    /// The factory of `start_with` makes all services of the lane again.
    Restart(Restart),
    /// The process aborts.
    Abort,
}

/// How often a lane is restarted, and after which pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// The number of restarts that are allowed within `within`; the next panic stops the lane.
    pub max: u32,
    /// The window.
    pub within: Duration,
    /// The pause before the first restart. It doubles with each further one, up to `within`, and each is shortened at random by up to a
    /// half. It begins again once the lane has run for `within` without a panic.
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
    /// A lane on a thread of its own that parks: the one lane of a router without `lanes`.
    pub const fn thread(name: &'static str) -> Self {
        Self {
            name,
            place: Place::Thread { wait: Wait::PARK },
            on_panic: OnPanic::Stop,
            watchdog: None,
            real_time: RealTime::NONE,
        }
    }
}

/// One ring from one lane to another.
#[derive(Clone, Copy, Debug)]
pub struct RingSpec {
    /// The index of the lane that sends.
    pub from: usize,
    /// The index of the lane that receives.
    pub to: usize,
    /// What it carries, and to which receiver.
    pub kind: RingKind,
    /// The size of the largest message that it carries, in bytes.
    pub max_body: usize,
}

impl RingSpec {
    /// Fills a table before its rings are found.
    #[doc(hidden)]
    pub const NONE: Self = Self { from: 0, to: 0, kind: RingKind::Implicit, max_body: 0 };
}

/// What a ring between lanes is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingKind {
    /// What the receiving lane's services get from the sending lane without `via`. It holds 1,024 messages; a sender that finds no room waits.
    Implicit,
    /// What one service gets `via queue(N)`.
    Queue {
        /// The index of the service.
        service: usize,
        /// The number of messages that it holds.
        room: usize,
        /// What happens to a message that finds no room.
        on_full: OnFull,
        /// When a sleeping receiver is woken.
        batch: Batch,
    },
}

impl RingKind {
    /// The number of messages that an implicit ring holds.
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
    /// The lane that it runs on; for one behind a task, the lane that owns the task.
    pub lane: usize,
    /// Whether it runs behind a task.
    pub task: bool,
    /// Its `#[source]` methods.
    pub sources: &'static [Source],
    /// Its `#[every]` methods.
    pub timers: &'static [Timer],
}
