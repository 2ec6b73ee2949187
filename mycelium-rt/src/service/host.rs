//! What differs between the places where a service runs.

use std::task::{Context, Poll};

use super::{BatchBuffer, Failure};
use crate::counters::{Group, ServiceWords};
use crate::ring::Ready;
use crate::routing::timer_queue::Item;
use crate::routing::{DispatchContext, Handed};

/// Where the messages of a service come from; `C` is the context of its handlers.
pub(crate) trait Inbox<C>: Send {
    /// Waits until there is a message, or [`Ready::Closed`]: it is closed and empty.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready>;

    /// Waits until no more messages come in, whatever is left.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Whether it is closed: no more messages come in.
    fn is_closed(&self) -> bool;

    /// Closes it: no more messages come in. Those that are there are still taken.
    fn close(&self);

    /// Moves messages to `batch`, which is empty, up to its room.
    fn take(&mut self, batch: &mut BatchBuffer);

    /// This many messages are about to be delivered together. With `is_request` it is one to which a requester may wait for a reply.
    fn begin(&mut self, messages: usize, is_request: bool, cx: &mut C);

    /// The body of messages, as handlers get it.
    fn handed<'a>(&self, body: &'a [u8]) -> Handed<'a>;

    /// This many messages were handled, or lost in a panic.
    fn settle(&mut self, messages: usize, cx: &mut C);

    /// How to go on after a call.
    fn pace(&self) -> Next;
}

/// How a service goes on after a call of a handler, a source or a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// With the next call.
    GoOn,
    /// With the next message, after other tasks of the tokio runtime have run: the one that ends the service may need this thread.
    Yield,
    /// Not at all: its deadline has passed.
    Stop,
}

/// The context of a service, as its runner sees it.
pub(crate) trait Host: DispatchContext {
    /// What tells the service to end.
    type End: End;

    /// What tells the service to end.
    fn end(&self) -> &Self::End;

    /// Sources and timers are about to be called.
    fn begin_calls(&mut self) {}

    /// They have been called.
    fn end_calls(&mut self) {}

    /// The counters of the service. The runner writes `missed_ticks`.
    fn words(&self) -> &Group<ServiceWords>;

    /// This many sources have not finished.
    fn live_sources(&mut self, _sources: usize) {}

    /// Sources and timers are not called any more.
    fn sources_stopped(&mut self) {}

    /// Makes visible to others what a turn has emitted.
    fn publish(&mut self) {}

    /// Counts and reports a panic of the service.
    fn panicked(&mut self, at: At<'_>, reason: &str);

    /// Counts a restart.
    fn restarted(&mut self);

    /// Reports a restart that failed.
    fn not_restarted(&mut self, failure: &Failure);
}

/// What a service was doing when it panicked.
#[cfg_attr(
    not(feature = "tokio"),
    expect(dead_code, reason = "the bus reads only the count; tasks report the message")
)]
pub(crate) enum At<'a> {
    /// A handler.
    Messages {
        id: u16,
        /// The message's name.
        name: &'static str,
        /// The body of the first message.
        body: &'a [u8],
        count: usize,
    },
    /// A source or a timer.
    Call(&'a Item),
    /// Its factory, a hook, or its `run`.
    Hook,
}

/// Tells a service to end: first sources and timers stop, then no more messages come in.
pub(crate) trait End: Sync {
    /// Whether sources and timers have to stop.
    fn has_begun(&self) -> bool;

    /// Waits until sources and timers have to stop.
    fn begun(&self) -> impl Future<Output = ()> + Send;

    /// Waits until the service has to [close](Inbox::close) its inbox itself.
    fn closing(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}
