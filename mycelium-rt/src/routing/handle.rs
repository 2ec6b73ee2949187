use core::convert::Infallible;

use super::Settled;

/// A service that takes messages of type `M` in a context `Cx`. Implemented by [`#[service]`](macro@crate::service).
///
/// The bounds on `Cx` are those that the handler's signature names, so a service is usable wherever what it emits is
/// accepted.
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
    /// Errors have been reported to `cx` when it returns: one for each call.
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
    /// What is left of the handler's result when its error has been reported to the context: the reply to a request, or
    /// whether the handler failed.
    type Output: Settled;
}

/// A service that takes messages of type `M` behind a task, in a context `Cx`. Implemented by
/// [`#[service]`](macro@crate::service) for every handler, plain or `async`.
///
/// A plain handler has run when the call returns; an `async fn` runs while the future is awaited, which therefore has to be
/// [`Send`]: a task may move between threads at each `.await`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handler for `{M}` that a task can run",
    label = "this service does not take `{M}` behind a task",
    note = "add a method `#[handle] async fn name(&mut self, message: &…)` to its `#[service]` impl"
)]
pub trait HandleAsync<M, Cx>: Handles<M> {
    /// Takes one message; the handler's error has been reported to `cx` when the future is ready.
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

/// A context that runs async handlers: only a task has one, so no router can call such a handler directly.
#[diagnostic::on_unimplemented(
    message = "an async handler can't be called directly",
    label = "the handler of this service is an `async fn`",
    note = "async handlers run behind `via task(N)`: route the message so, or make the handler a plain `fn`"
)]
pub trait TaskOnly {
    /// Runs a handler to its end.
    fn run<F: Future>(handler: F) -> Infallible;
}
