//! What differs between the places where a service runs.

use std::task::{Context, Poll};

use super::{BatchBuffer, Failure};
use crate::counters::{Group, ServiceWords};
use crate::ring::Ready;
use crate::routing::timer_queue::Item;
use crate::routing::{DispatchContext, Handed};

/// Where the messages of a service come from; `C` is the context of its handlers.
pub(crate) trait Inbox<C>: Send {
    /// Waits until there is a message, or never will be one: [`Ready::Closed`] once it is closed and empty.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready>;

    /// Waits until no more messages come in, whatever is left.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Whether no more messages come in.
    fn is_closed(&self) -> bool;

    /// From now on, no more messages come in. What is there is still taken.
    fn close(&self);

    /// Moves messages that are there to `batch`, which has been cleared, up to its room.
    fn take(&mut self, batch: &mut BatchBuffer);

    /// So many messages are about to be handed over together; with `is_request` it is one that somebody may wait for a reply to.
    fn begin(&mut self, messages: usize, is_request: bool, cx: &mut C);

    /// The body of these messages, as handlers get it.
    fn handed<'a>(&self, body: &'a [u8]) -> Handed<'a>;

    /// So many messages have been handled, or are lost in a panic.
    fn settle(&mut self, messages: usize, cx: &mut C);

    /// What comes after a call.
    fn pace(&self) -> Next;
}

/// How a service goes on after a call of a handler, a source or a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// With the next one.
    GoOn,
    /// With the next message, after others of the tokio runtime have run: who ends the service may need this thread.
    Yield,
    /// Not at all: its deadline has passed.
    Stop,
}

/// The context of a service, as its runner sees it.
pub(crate) trait Host: DispatchContext {
    /// Who tells the service to end.
    type End: End;

    /// Who tells the service to end.
    fn end(&self) -> &Self::End;

    /// Sources and timers are about to be called.
    fn begin_calls(&mut self) {}

    /// They have been called.
    fn end_calls(&mut self) {}

    /// What the service counts; its timers writes `missed_ticks`.
    fn words(&self) -> &Group<ServiceWords>;

    /// So many sources have not finished.
    fn live_sources(&mut self, _sources: usize) {}

    /// Neither sources nor timers are called from now on.
    fn fall_quiet(&mut self) {}

    /// Lets others see what a turn has done.
    fn publish(&mut self) {}

    /// Counts and tells a panic of the service.
    fn panicked(&mut self, at: At<'_>, reason: &str);

    /// Counts a restart.
    fn restarted(&mut self);

    /// Tells that a restart failed.
    fn not_restarted(&mut self, failure: &Failure);
}

/// What a service was at when it panicked.
pub(crate) enum At<'a> {
    /// A handler.
    Messages {
        id: u16,
        /// The message's name.
        name: &'static str,
        /// The body of the first of them.
        body: &'a [u8],
        count: usize,
    },
    /// A source or a timer.
    Call(&'a Item),
    /// Its factory, a hook, or its `run`.
    Hook,
}

/// Who tells a service to end: first sources and timers stop, then no more messages come in.
pub(crate) trait End: Sync {
    /// Whether sources and timers have to stop.
    fn has_begun(&self) -> bool;

    /// Waits until sources and timers have to stop.
    fn begun(&self) -> impl Future<Output = ()> + Send;

    /// Waits until the service has to [close](Inbox::close) its inbox by itself.
    fn closing(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}
