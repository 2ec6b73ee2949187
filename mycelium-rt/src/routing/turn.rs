//! One turn of a router: the order in which it does what there is, wherever it runs.
//!
//! A turn takes what arrived on rings from other lanes and from senders, then what arrived on inputs, queues and tasks; it does what is
//! due on links; then it calls the timers that are due, and last it asks the sources. Each of these does a bounded amount. Users read the
//! same in `docs/lanes.md`.
//!
//! Two drive routers by it. [`poll`] is one turn on the thread of whoever calls: it lets panics through, goes on after an error, and
//! keeps no record of the messages under way. A lane takes turn after turn and rests in between; it catches panics, with
//! `on_error: propagate` takes nothing more in a turn after an error, and notes each message while it is under way, so that one that is
//! lost can be told. What differs stands in [`Watch`], which is a type parameter, so that neither pays for the other.

use std::fmt::{self, Display};

use super::timer_queue::{Item, TimerQueue};
use super::{Due, Source, SourceState, Timer};
use crate::HandlerError;
use crate::clock::ClockSource;
use crate::counters::{Counter, Group, LaneWords};

/// Who drives a router: what it notes of each message under way, and when it ends a turn early.
pub trait Watch: Copy {
    /// A message under way. Unless it is [completed](Self::complete) it is lost: dropped by a panic, that is.
    type InFlight<'a>
    where
        Self: 'a;

    /// Whether more messages may be taken. To be asked before each.
    fn goes_on(self) -> bool;

    /// To be called before a top-level message is delivered. `body` is that of the first of `messages` that are handed over together.
    fn begin<'a>(self, origin: Origin, id: u16, body: &'a [u8], messages: usize) -> Self::InFlight<'a>
    where
        Self: 'a;

    /// To be called after that: the message was delivered, or with `on_error: propagate` a handler has failed.
    fn complete<'a>(self, message: Self::InFlight<'a>, failed: bool)
    where
        Self: 'a;

    /// Whether an error of a handler ends the turn, with `on_error: propagate`: what has not been taken by then waits for the next one.
    fn stops_at_errors(self) -> bool;
}

/// Who calls [`poll`]: nothing is noted, and nothing ends a turn early.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    type InFlight<'a> = ();

    #[inline(always)]
    fn goes_on(self) -> bool {
        true
    }

    #[inline(always)]
    fn begin<'a>(self, _: Origin, _: u16, _: &'a [u8], _: usize)
    where
        Self: 'a,
    {
    }

    #[inline(always)]
    fn complete<'a>(self, (): (), _: bool)
    where
        Self: 'a,
    {
    }

    #[inline(always)]
    fn stops_at_errors(self) -> bool {
        false
    }
}

/// What a turn does with the services that one thread drives. Written by [`routing_config!`](crate::routing_config).
///
/// With `on_error: propagate` the first error of a handler goes to `first`, unless there is one already.
pub trait Program {
    /// Whether `on_error` is `propagate`: nothing ever writes to `first` otherwise.
    const PROPAGATES: bool;

    /// Takes what has arrived on inputs, on queues that begin and end here, and from tasks, as long as `watch` goes on and no error
    /// [stops](Watch::stops_at_errors) the turn; does what is due on links. Returns how many messages were taken.
    fn sweep<W: Watch>(&mut self, watch: W, first: &mut Option<HandlerError>) -> usize;

    /// Calls the source or the timer that is due, of the service at this index.
    fn drive<W: Watch>(&mut self, service: usize, due: Due, watch: W, first: &mut Option<HandlerError>) -> SourceState;

    /// Writes what links, tasks and rings hold, as far as they take it. Returns whether links hold nothing more.
    fn flush(&mut self) -> bool;
}

/// A router that its owner drives by [`poll`].
pub trait Opened: Program {
    /// Where its sources and timers are kept; nothing while it is driven otherwise.
    fn due_work(&mut self) -> &mut Option<Box<DueWork>>;
}

/// One turn of an opened router, without rest; if it finds nothing, it flushes too. Returns how many messages were taken and calls
/// found something to do.
///
/// A panic goes through. What has arrived and was not taken by then is taken next time.
#[inline]
pub fn poll<P: Opened>(program: &mut P, first: &mut Option<HandlerError>) -> usize {
    let mut guard = WorkGuard { work: program.due_work().take(), program };
    let WorkGuard { work, program } = &mut guard;
    let due = work.as_deref_mut().map(DueWork::now);
    let done = turn(&mut **program, Unwatched, first, |_, _| 0, due);
    if done == 0 {
        program.flush();
    }
    done
}

/// The sources and timers of a router while it takes a turn, in which it calls them; they are put back also if one panics.
struct WorkGuard<'a, P: Opened> {
    program: &'a mut P,
    work: Option<Box<DueWork>>,
}

impl<P: Opened> Drop for WorkGuard<'_, P> {
    #[inline]
    fn drop(&mut self) {
        *self.program.due_work() = self.work.take();
    }
}

/// Sources and timers as one turn sees them.
pub(crate) struct DueMethods<'a> {
    pub(crate) timers: &'a mut TimerQueue,
    pub(crate) clock: &'a ClockSource,
    pub(crate) missed: &'a Counter,
    /// Whether to look at the clock also if nothing has arrived.
    pub(crate) look: bool,
}

/// One turn. `arrived` takes what has arrived on the rings of a lane; without `due`, sources and timers rest. Returns how many messages
/// were taken and calls found something to do.
#[inline]
pub(crate) fn turn<P: Program, W: Watch>(
    program: &mut P,
    watch: W,
    first: &mut Option<HandlerError>,
    arrived: impl FnOnce(&mut P, &mut Option<HandlerError>) -> usize,
    due: Option<DueMethods<'_>>,
) -> usize {
    let stops = |first: &Option<HandlerError>| P::PROPAGATES && watch.stops_at_errors() && first.is_some();
    let mut done = arrived(program, first);
    if stops(first) {
        return done;
    }
    done += program.sweep(watch, first);
    if stops(first) {
        return done;
    }
    let Some(DueMethods { timers, clock, missed, look }) = due else { return done };
    let call = |item: &Item| {
        if !watch.goes_on() {
            return Err(());
        }
        let under_way = watch.begin(Origin::of(item), 0, &[], 1);
        let state = program.drive(item.service, item.due, watch, first);
        let failed = stops(first);
        watch.complete(under_way, failed);
        if failed { Err(()) } else { Ok(state) }
    };
    done + timers.turn(|| clock.ticks(), look || done > 0, missed, call).unwrap_or(0)
}

/// Where a top-level message came from: what began the cascade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Another lane emitted it.
    Lane(&'static str),
    /// It was queued for this service, or for its task.
    Queue(&'static str),
    /// It came in by this input.
    Input(&'static str),
    /// This service emitted it behind its task.
    Task(&'static str),
    /// A [`Sender`](crate::lane::Sender) sent it.
    Sender,
    /// A source was asked.
    Source {
        /// The service.
        service: &'static str,
        /// The method.
        method: &'static str,
    },
    /// A timer was due.
    Timer {
        /// The service.
        service: &'static str,
        /// The method.
        method: &'static str,
    },
}

impl Origin {
    pub(crate) fn of(item: &Item) -> Self {
        let (service, method) = (item.name, item.method);
        match item.due {
            Due::Source(_) => Self::Source { service, method },
            Due::Timer(_) => Self::Timer { service, method },
        }
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lane(name) => write!(f, "lane `{name}`"),
            Self::Queue(service) => write!(f, "the queue of `{service}`"),
            Self::Input(name) => write!(f, "input `{name}`"),
            Self::Task(service) => write!(f, "the task of `{service}`"),
            Self::Sender => f.write_str("a sender"),
            Self::Source { service, method } => write!(f, "source `{service}.{method}`"),
            Self::Timer { service, method } => write!(f, "timer `{service}.{method}`"),
        }
    }
}

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
    pub(crate) fn now(&mut self) -> DueMethods<'_> {
        DueMethods { timers: &mut self.timers, clock: &self.clock, missed: &self.words.missed_ticks, look: true }
    }

    /// Ticks that came so late that the next was due already.
    pub fn missed_ticks(&self) -> u64 {
        self.words.missed_ticks.get()
    }
}
