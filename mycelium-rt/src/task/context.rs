use core::fmt::Display;
use core::marker::PhantomData;
use std::sync::Arc;

use super::TaskSpec;
use crate::link::OnFull;
use crate::link::report::Report;
use crate::link::{Counter, Counters};
use crate::notice::{self, Notices};
use crate::ring::Producer;
use crate::routing::__private::{ClockSource, SideBySide};
use crate::routing::{Clock, Emit, Handed, HandleAsync, Handled, HandlerFailure, ReportFailure};
use crate::{Message, TimestampNs};

/// How messages reach a service behind a task; written by [`routing_config!`](crate::routing_config).
pub trait Routes<S>: Send + Sized + 'static {
    /// The handlers of the service, so that messages are gathered for those that take `&[M]`; none of them if left out.
    const HANDLED: &'static [Handled] = &[];

    /// Hands the message with this id and body to the handler of `service`. For one that takes `&[M]` the body is that of one
    /// message or more, side by side.
    fn deliver(service: &mut S, id: u16, body: Handed<'_>, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send;
}

/// The routes of the router lead `M` somewhere, so a task may emit it; written by
/// [`routing_config!`](crate::routing_config).
#[diagnostic::on_unimplemented(
    message = "`{M}` is emitted by a task, but no route receives it",
    label = "this service emits `{M}`",
    note = "add a route for `{M}`, or list it in `ignore`"
)]
pub trait Emits<M: Message> {}

/// Hands one message to its handler, plain or `async`: what [`Routes::deliver`] is made of. A reply is dropped, for nobody waits for
/// it.
///
/// A body that its contract does not allow, which only [`RingSender::send_bytes`](crate::link::RingSender::send_bytes) can bring, is
/// counted as an error of the service.
pub async fn deliver<M, S, R>(service: &mut S, body: Handed<'_>, cx: &mut Context<R>)
where
    M: Message,
    S: HandleAsync<M, Context<R>>,
{
    match body.message::<M>() {
        Ok(message) => {
            let _ = service.handle(message, cx).await;
        }
        Err(error) => {
            cx.counters.invalid.add(1);
            cx.report_failure(M::NAME, &error);
        }
    }
}

/// Hands messages that have arrived together to their handler, which takes `&[M]`: what [`Routes::deliver`] is made of where
/// [`Routes::HANDLED`] says so.
///
/// If one of them is not what its contract allows, they are [delivered](deliver) one by one.
pub async fn deliver_batch<M, S, R>(service: &mut S, bodies: Handed<'_>, cx: &mut Context<R>)
where
    M: SideBySide,
    S: HandleAsync<M, Context<R>> + Send,
{
    match bodies.messages() {
        Some(messages) => service.handle_batch(messages, cx).await,
        None => {
            for body in bodies.one_by_one::<M>() {
                deliver::<M, S, R>(service, body, cx).await;
            }
        }
    }
}

/// What a service behind a task has around it: it emits, tells the time, and takes the errors of handlers.
pub struct Context<R> {
    service: &'static str,
    outbox: Option<Producer>,
    hook: Option<fn(&HandlerFailure<'_>)>,
    pub(super) counters: Arc<Counters>,
    errors: Arc<Counter>,
    clock: ClockSource,
    notices: Notices,
    report: Report,
    // Not of `R` itself, which is a type without values.
    routes: PhantomData<fn() -> R>,
}

impl<R> Context<R> {
    pub(super) fn new(
        spec: &TaskSpec,
        outbox: Option<Producer>,
        counters: Arc<Counters>,
        clock: ClockSource,
        notices: Notices,
    ) -> Self {
        let (service, hook) = (spec.service, spec.hook);
        let report = Report::new(format!("what the task of `{service}` emits"), notices.clone());
        Self { service, outbox, hook, counters, errors: Arc::default(), clock, notices, report, routes: PhantomData }
    }

    pub(super) fn errors(&self) -> Arc<Counter> {
        Arc::clone(&self.errors)
    }

    /// Counts a message that is not routed to this service.
    pub fn refuse(&mut self, id: u16, reason: &dyn Display) {
        self.counters.unlisted.add(1);
        notice::error!(self.notices, service = self.service, id, %reason, "message refused");
    }

    pub(super) fn flush(&mut self) {
        if let Some(outbox) = &mut self.outbox {
            outbox.flush();
        }
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
        let body = message.as_bytes();
        if self.push(M::ID, body) {
            self.counters.sent.add(1);
            self.counters.bytes_sent.add(body.len() as u64);
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
        self.errors.add(1);
        if let Some(hook) = self.hook {
            hook(&HandlerFailure::new(self.service, message, error));
        }
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
