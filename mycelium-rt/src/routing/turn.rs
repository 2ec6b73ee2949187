//! One turn of a router: the order in which it does its work, wherever it runs.
//!
//! A turn
//! 1. takes what has arrived on the rings of a lane: from other lanes, then from senders,
//! 2. takes what has arrived on inputs, queues and tasks, and does what is due on links,
//! 3. hands over what paces have held back until now, or all of it if sources and timers have stopped,
//! 4. calls the timers that are due, and then the sources.
//!
//! Each step is bounded. Users read the same in `docs/lanes.md`.
//!
//! Two callers drive routers by it. [`poll`] is one turn on the caller's thread: panics pass through, it goes on after an error, and keeps
//! no record of messages in flight. A lane takes turn after turn, and rests in between. It catches panics; with `on_error: propagate` an
//! error ends its turn; and it records each message in flight, so that one that is lost can be reported. What differs is in [`Watch`], a
//! type parameter, so that neither pays for the other.

use std::fmt::{self, Display};

use super::pace::Moment;
use super::timer_queue::{Item, TimerQueue};
use super::{Due, Source, SourceState, Timer};
use crate::HandlerError;
use crate::clock::ClockSource;
use crate::counters::{Counter, Group, LaneWords};

/// What the driver of a router records of each message in flight, and when it ends a turn early.
pub trait Watch: Copy {
    /// A message in flight. One that is dropped without being [completed](Self::complete), by a panic, is lost.
    type InFlight<'a>
    where
        Self: 'a;

    /// Whether more messages may be taken. To be called before each.
    fn goes_on(self) -> bool;

    /// To be called before a top-level message is delivered. `body` is that of the first, where several `messages` are delivered together.
    fn begin<'a>(self, origin: Origin, id: u16, body: &'a [u8], messages: usize) -> Self::InFlight<'a>
    where
        Self: 'a;

    /// To be called after it: the message was delivered, or with `on_error: propagate` a handler has `failed`.
    fn complete<'a>(self, message: Self::InFlight<'a>, failed: bool)
    where
        Self: 'a;

    /// Whether with `on_error: propagate` the error of a handler ends the turn. What was not taken by then waits for the next one.
    fn stops_at_errors(self) -> bool;
}

/// The caller of [`poll`]: nothing is recorded, and nothing ends a turn early.
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

/// The services that one thread drives, as a turn calls them. Written by [`routing_config!`](crate::routing_config).
///
/// With `on_error: propagate` the first error of a handler goes to `first`, unless there is one already.
pub trait Program {
    /// Whether `on_error` is `propagate`. Otherwise nothing writes to `first`.
    const PROPAGATES: bool;

    /// Takes what has arrived on inputs, on queues that begin and end here, and from tasks, as long as `watch` goes on and no error
    /// [stops](Watch::stops_at_errors) the turn. Then does what is due on links. Returns the number of messages taken.
    fn sweep<W: Watch>(&mut self, watch: W, first: &mut Option<HandlerError>) -> usize;

    /// Calls this source or timer of the service at this index.
    fn drive<W: Watch>(&mut self, service: usize, due: Due, watch: W, first: &mut Option<HandlerError>) -> SourceState;

    /// Writes out what links, tasks and rings hold, as far as there is room. Returns whether links hold nothing more.
    fn flush(&mut self) -> bool;

    /// When paces have something to hand over.
    #[inline(always)]
    fn next_due(&self) -> Moment {
        Moment::NEVER
    }

    /// Hands over what paces hold that is due by then. Returns the number of messages.
    #[inline(always)]
    fn release<W: Watch>(&mut self, by: Moment, watch: W, first: &mut Option<HandlerError>) -> usize {
        let _ = (by, watch, first);
        0
    }
}

/// A router that its owner drives by [`poll`].
pub trait Opened: Program {
    /// Its sources and timers; `None` while something else drives it.
    fn due_work(&mut self) -> &mut Option<Box<DueWork>>;
}

/// One turn of an opened router; if it finds nothing, it flushes. Returns the number of messages taken, and of calls that found something
/// to do.
///
/// A panic passes through. What was not taken by then is taken by the next call.
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

/// The sources and timers of a router during a turn that calls them. They are put back also if one panics.
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
    /// Whether to read the clock even if nothing has arrived.
    pub(crate) look: bool,
}

/// One turn. `arrived` takes what has arrived on the rings of a lane. Without `due`, sources and timers are not called. Returns the number
/// of messages taken, and of calls that found something to do.
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
    let by = match &due {
        None => Some(Moment::NEVER),
        Some(due) => {
            let looks = (due.look || done > 0) && program.next_due() != Moment::NEVER;
            looks.then(|| Moment(due.clock.ticks()))
        }
    };
    if let Some(by) = by {
        done += program.release(by, watch, first);
        if stops(first) {
            return done;
        }
    }
    let Some(DueMethods { timers, clock, missed, look }) = due else { return done };
    let call = |item: &Item| {
        if !watch.goes_on() {
            return Err(());
        }
        let in_flight = watch.begin(Origin::of(item), 0, &[], 1);
        let state = program.drive(item.service, item.due, watch, first);
        let failed = stops(first);
        watch.complete(in_flight, failed);
        if failed { Err(()) } else { Ok(state) }
    };
    done + timers.turn(|| clock.ticks(), look || done > 0, missed, call).unwrap_or(0)
}

/// Where a top-level message, which begins a cascade, came from.
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
    /// The pace of this receiver has held it back.
    Pace(&'static str),
    /// A [`Sender`](crate::lane::Sender) sent it.
    Sender,
    /// A source was called.
    Source {
        /// The service.
        service: &'static str,
        /// The method.
        method: &'static str,
    },
    /// A timer was called.
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
            Self::Pace(receiver) => write!(f, "the pace of `{receiver}`"),
            Self::Sender => f.write_str("a sender"),
            Self::Source { service, method } => write!(f, "source `{service}.{method}`"),
            Self::Timer { service, method } => write!(f, "timer `{service}.{method}`"),
        }
    }
}

/// A service of a router: its index, its name, its sources and its timers.
pub type ServiceWork = (usize, &'static str, &'static [Source], &'static [Timer]);

/// The sources and timers of a router that its owner drives by `poll`.
#[derive(Debug)]
pub struct DueWork {
    timers: TimerQueue,
    clock: ClockSource,
    words: Group<LaneWords>,
}

impl DueWork {
    /// The sources and timers of these services. Timers are due one period from now.
    pub(crate) fn new(clock: &ClockSource, services: &[ServiceWork], words: Option<Group<LaneWords>>) -> Self {
        let (mut timers, now) = (TimerQueue::new(), clock.ticks());
        for (index, name, sources, ticks) in services {
            timers.add(*index, name, sources, ticks, now);
        }
        Self { timers, clock: clock.clone(), words: words.unwrap_or_default() }
    }

    /// The same, as one turn sees it.
    pub(crate) fn now(&mut self) -> DueMethods<'_> {
        DueMethods { timers: &mut self.timers, clock: &self.clock, missed: &self.words.missed_ticks, look: true }
    }

    /// Ticks that were skipped, since they were late by a period or more, and by 10 ms at least.
    pub fn missed_ticks(&self) -> u64 {
        self.words.missed_ticks.get()
    }
}
