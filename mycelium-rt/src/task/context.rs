//! The context of a service behind a task: it emits to the outbox, and counts and reports failures.

use core::fmt::Display;
use core::marker::PhantomData;
use std::sync::Arc;

use super::progress::Progress;
use super::{TaskEnv, TaskSpec};
use crate::config::Hooks;
use crate::counters::{Group, ServiceWords};
use crate::lane::{Ending, Origin, Producers};
use crate::link::report::Report;
use crate::link::{Counters, OnFull};
use crate::notice::{self, Notices};
use crate::ring::Producer;
use crate::routing::{Clock, DispatchContext, Emit, HandlerFailure, MessageRef, ReportFailure};
use crate::service::{At, End, Failure, Host, ServiceClock};
use crate::{DecodeError, Message, TimestampNs};

/// The routes of the router lead `M` somewhere, so a task may emit it; written by
/// [`routing_config!`](crate::routing_config).
#[diagnostic::on_unimplemented(
    message = "`{M}` is emitted by a task, but no route receives it",
    label = "this service emits `{M}`",
    note = "add a route for `{M}`, or list it in `ignore`"
)]
pub trait Emits<M: Message> {}

/// The context of a service behind a task: it emits, tells the time, and takes the errors of handlers, sources and timers.
pub struct Context<R> {
    service: &'static str,
    outbox: Option<Producer>,
    hook: Option<fn(&HandlerFailure<'_>)>,
    counters: Counters,
    clock: ServiceClock,
    /// The lane that owns the task; empty where there are no lanes.
    lane: &'static str,
    hooks: Hooks,
    ending: TaskEnd,
    producers: Option<Producers>,
    progress: Arc<Progress>,
    report: Report,
    // Not of `R` itself, which is a type without values.
    routes: PhantomData<fn() -> R>,
}

/// Tells a task to end before its sender is closed. The system that it belongs to uses this.
#[derive(Debug)]
pub(crate) struct TaskEnd(Ending);

impl End for TaskEnd {
    fn has_begun(&self) -> bool {
        self.0.has_begun()
    }

    fn begun(&self) -> impl Future<Output = ()> + Send {
        core::future::poll_fn(|cx| self.0.poll(cx))
    }
}

impl<R> Context<R> {
    pub(super) fn new<S>(
        spec: &TaskSpec,
        outbox: Option<Producer>,
        counters: Counters,
        progress: Arc<Progress>,
        clock: ServiceClock,
        env: TaskEnv<S>,
    ) -> Self {
        let (service, hook) = (spec.service, spec.hook);
        let TaskEnv { lane, hooks, ending, producers, .. } = env;
        let report = Report::new(format!("what the task of `{service}` emits"), hooks.notices.clone());
        let (ending, routes) = (TaskEnd(ending), PhantomData);
        Self { service, outbox, hook, counters, clock, lane, hooks, ending, producers, progress, report, routes }
    }

    pub(super) fn notices(&self) -> &Notices {
        &self.hooks.notices
    }

    /// Counts a message that is not routed to this service.
    pub fn refuse(&mut self, id: u16, reason: &dyn Display) {
        self.counters.unlisted.add(1);
        notice::error!(self.hooks.notices, service = self.service, id, %reason, "message refused");
    }

    fn push(&mut self, id: u16, body: &[u8]) -> bool {
        let Some(outbox) = &mut self.outbox else { return false };
        let pushed = outbox.push_bytes(id, body).is_ok();
        if !pushed {
            outbox.note_lost(1);
        }
        pushed
    }
}

impl<M: Message, R: Emits<M>> Emit<M> for Context<R> {
    fn emit(&mut self, message: &M) {
        if self.push(M::ID, message.as_bytes()) {
            self.counters.sent.add(1);
        } else {
            self.counters.dropped_newest.add(1);
            self.report.dropped(1, OnFull::DropNewest, None);
        }
    }
}

impl<R> Drop for Context<R> {
    fn drop(&mut self) {
        self.report.ended(0, None);
    }
}

impl<R> ReportFailure for Context<R> {
    #[cold]
    fn report_failure(&mut self, message: &'static str, error: &dyn Display) {
        self.progress.words.errors.add(1);
        if let Some(hook) = self.hook {
            hook(&HandlerFailure::new(self.service, message, error));
        }
    }
}

impl<R> DispatchContext for Context<R> {
    fn refuse(&mut self, id: u16, reason: &dyn Display) {
        Self::refuse(self, id, reason);
    }

    /// Counted as an error of the service, as if its handler had returned it.
    fn refuse_body(&mut self, message: MessageRef, error: &DecodeError) {
        self.counters.invalid.add(1);
        self.report_failure(message.name, error);
    }
}

impl<R> Host for Context<R> {
    type End = TaskEnd;

    fn end(&self) -> &TaskEnd {
        &self.ending
    }

    fn words(&self) -> &Group<ServiceWords> {
        &self.progress.words
    }

    fn live_sources(&mut self, sources: usize) {
        if let Some(producers) = &mut self.producers {
            producers.set(sources);
        }
    }

    fn sources_stopped(&mut self) {
        self.progress.stop_sources();
    }

    fn publish(&mut self) {
        if let Some(outbox) = &mut self.outbox {
            outbox.flush();
        }
    }

    fn panicked(&mut self, at: At<'_>, reason: &str) {
        let (origin, (id, message, body, lost)) = match at {
            At::Messages { id, name, body, count } => (Origin::Queue(self.service), (id, name, body, count)),
            At::Call(item) => (Origin::of(item), (0, "", &[] as &[u8], 0)),
            // Only a restart that failed, which is reported as such.
            At::Hook => return,
        };
        self.progress.words.lost_in_panics.add(lost as u64);
        self.progress.words.panics.add(1);
        notice::error!(self.hooks.notices, service = self.service, reason, lost, %origin, "a service behind a task panicked");
        self.hooks.dead_letter(self.lane, origin, id, message, body, reason);
    }

    fn restarted(&mut self) {
        self.progress.words.restarts.add(1);
    }

    fn not_restarted(&mut self, failure: &Failure) {
        notice::error!(self.hooks.notices, service = self.service, reason = %failure, "a restart failed");
    }
}

impl<R> Clock for Context<R> {
    fn now(&self) -> TimestampNs {
        self.clock.now()
    }
}

impl<R> core::fmt::Debug for Context<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Context").field("service", &self.service).finish_non_exhaustive()
    }
}
