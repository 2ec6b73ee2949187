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

use super::due_work::DueWork;
use super::timer_queue::{Item, TimerQueue};
use super::{Due as Method, Origin, SourceState};
use crate::HandlerError;
use crate::clock::ClockSource;
use crate::counters::Counter;

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
    fn drive<W: Watch>(
        &mut self,
        service: usize,
        due: Method,
        watch: W,
        first: &mut Option<HandlerError>,
    ) -> SourceState;

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
pub(crate) struct Due<'a> {
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
    due: Option<Due<'_>>,
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
    let Some(Due { timers, clock, missed, look }) = due else { return done };
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
