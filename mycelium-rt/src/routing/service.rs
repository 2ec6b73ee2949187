//! What a service implements: the description of its methods, and how each of them is called. `#[service]` writes all of it.

use core::convert::Infallible;
use core::time::Duration;

use super::{HookError, Settled, SourceState};
use crate::{Message, MessageInfo};

/// The description of a service. [`#[service]`](macro@crate::service) writes it beside [`Handle`](super::Handle), so that a router can
/// check all handlers at compile time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "annotate its `impl` with `#[service]`, and the methods in there that take messages with `#[handle]`"
)]
pub trait Service {
    /// Each message that it handles, in the order of its handlers.
    const HANDLED: &'static [Handled];

    /// Its `#[source]` methods, in declared order.
    const SOURCES: &'static [Source] = &[];

    /// Its `#[every("…")]` methods, in declared order.
    const TIMERS: &'static [Timer] = &[];

    /// Its hook `startup`, called before the first message. An error keeps the router from starting.
    ///
    /// The lanes of a started router call it, each on its own thread, and so do tasks and buses. A router made by `new` or `open` is
    /// driven by its owner, who calls it where it is wanted.
    ///
    /// # Errors
    /// The error that the service's own `startup` returned, as text.
    fn startup(&mut self) -> Result<(), HookError> {
        Ok(())
    }

    /// Its hook `shutdown`, called after the last message.
    ///
    /// # Errors
    /// The error that the service's own `shutdown` returned, as text. It is reported, and the end goes on.
    fn shutdown(&mut self) -> Result<(), HookError> {
        Ok(())
    }
}

/// One handler of a service; written by [`#[service]`](macro@crate::service).
#[derive(Clone, Copy, Debug)]
pub struct Handled {
    /// The message that it takes.
    pub message: MessageRef,
    /// The message as its contract describes it.
    pub info: MessageInfo,
    /// Whether it takes messages that arrived together, as `&[M]`.
    pub batch: bool,
    /// What it emits and requests.
    pub emits: &'static [MessageRef],
}

/// A message known by its id and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRef {
    /// The id, unique within a program.
    pub id: u16,
    /// The name in the contract.
    pub name: &'static str,
}

impl MessageRef {
    /// The message type `M`.
    pub const fn of<M: Message>() -> Self {
        Self { id: M::ID, name: M::NAME }
    }

    pub(super) const fn of_info(info: &MessageInfo) -> Self {
        Self { id: info.id, name: info.name }
    }
}

/// Stands in for the type of a service that its router does not name yet.
#[derive(Debug)]
pub enum Unfinished {}

/// A `#[source]` method, which brings messages in; written by [`#[service]`](macro@crate::service).
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The name of the method.
    pub method: &'static str,
    /// How many times as often as a source of weight 1 it may be called in one turn, 1 to 64.
    pub weight: u32,
    /// What it emits and requests.
    pub emits: &'static [MessageRef],
}

/// Whether a source is to be called: what its `when` says.
#[inline(always)]
pub fn is_ready<S>(when: impl FnOnce(&S) -> bool, service: &S) -> bool {
    when(service)
}

/// An `#[every]` method, which is called periodically; written by [`#[service]`](macro@crate::service).
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    /// The name of the method.
    pub method: &'static str,
    /// The time from one call to the next.
    pub period: Duration,
    /// What it emits and requests.
    pub emits: &'static [MessageRef],
}

/// A service that takes messages of type `M` in a context `Cx`. Implemented by [`#[service]`](macro@crate::service).
///
/// The bounds on `Cx` are those of the handler's signature, so a service is usable wherever what it emits is accepted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handler for `{M}`",
    label = "this service does not take `{M}`",
    note = "add a method `#[handle] fn name(&mut self, message: &…)` to its `#[service]` impl, or take the service out of this route"
)]
pub trait Handle<M, Cx>: Handles<M> {
    /// Takes one message.
    fn handle(&mut self, message: &M, cx: &mut Cx) -> Self::Output;

    /// Takes messages that have arrived together: by one call of a handler that takes `&[M]`, otherwise one by one.
    ///
    /// When it returns, errors are reported to `cx`, one for each call.
    #[inline]
    fn handle_batch(&mut self, messages: &[M], cx: &mut Cx) {
        for message in messages {
            let _ = self.handle(message, cx);
        }
    }
}

/// A service that takes messages of type `M`, whatever context it needs for that. Implemented by
/// [`#[service]`](macro@crate::service).
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handler for `{M}`",
    label = "this service does not take `{M}`",
    note = "add a method `#[handle] fn name(&mut self, message: &…)` to its `#[service]` impl, or take the service out of this route"
)]
pub trait Handles<M> {
    /// What remains of the handler's result once its error is reported to the context: the reply to a request, or whether the handler
    /// failed.
    type Output: Settled;
}

/// A service that takes messages of type `M` behind a task, in a context `Cx`. Implemented by
/// [`#[service]`](macro@crate::service) for every handler, plain or `async`.
///
/// A plain handler runs within the call; an `async fn` runs while the future is awaited. The future must be [`Send`], since a task may move
/// between threads at each `.await`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handler for `{M}` that a task can run",
    label = "this service does not take `{M}` behind a task",
    note = "add a method `#[handle] async fn name(&mut self, message: &…)` to its `#[service]` impl"
)]
pub trait HandleAsync<M, Cx>: Handles<M> {
    /// Takes one message. When the future is ready, the handler's error is reported to `cx`.
    fn handle(&mut self, message: &M, cx: &mut Cx) -> impl Future<Output = Self::Output> + Send;

    /// Takes messages that have arrived together: by one call of a handler that takes `&[M]`, otherwise one by one.
    fn handle_batch(&mut self, messages: &[M], cx: &mut Cx) -> impl Future<Output = ()> + Send
    where
        Self: Send,
        M: Sync,
        Cx: Send,
    {
        async move {
            for message in messages {
                let _ = self.handle(message, cx).await;
            }
        }
    }
}

/// A context that runs async handlers. Only tasks have one, so no router can call such a handler directly.
#[diagnostic::on_unimplemented(
    message = "an async handler can't be called directly",
    label = "the handler of this service is an `async fn`",
    note = "async handlers run behind `via task(N)`: route the message that way, or make the handler a plain `fn`"
)]
pub trait TaskOnly {
    /// Runs a handler to completion.
    fn run<F: Future>(handler: F) -> Infallible;
}

/// The sources and timers of a service, which are called without a message, in a context `Cx`. Implemented by
/// [`#[service]`](macro@crate::service), for a service without such methods too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "annotate its `impl` with `#[service]`, and the methods in there that take messages with `#[handle]`"
)]
pub trait Driven<Cx>: Service {
    /// Calls the source at this index of [`Service::SOURCES`]. An error is reported to `cx`, and the source has nothing now.
    fn poll_source(&mut self, _index: usize, _cx: &mut Cx) -> SourceState {
        SourceState::Finished
    }

    /// Calls the timer at this index of [`Service::TIMERS`]. An error is reported to `cx`.
    fn fire(&mut self, _index: usize, _cx: &mut Cx) {}

    /// Calls what is due. A timer that was called is [`SourceState::Ready`].
    #[inline]
    fn drive(&mut self, due: Due, cx: &mut Cx) -> SourceState {
        match due {
            Due::Source(index) => self.poll_source(index, cx),
            Due::Timer(index) => {
                self.fire(index, cx);
                SourceState::Ready
            }
        }
    }
}

/// A method of a service that is due to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The source at this index of [`Service::SOURCES`].
    Source(usize),
    /// The timer at this index of [`Service::TIMERS`].
    Timer(usize),
}
