//! What routers implement: the context that a service calls while it handles a message, and the routes that a router's owner calls.

use core::fmt::Display;

use crate::Message;

/// Accepts messages of type `M`: the context of a service that emits them.
///
/// A handler declares what it emits by the type of its last parameter, `cx: &mut impl Emit<Signal>`; several are joined
/// by `+` in parentheses. In a router the call has reached every receiver of `M` that is called directly when it returns, in the order
/// of the route. To test a service alone, [`Recorder`](crate::testing::Recorder) accepts everything, and any type of your
/// own may implement `Emit` too.
#[diagnostic::on_unimplemented(
    message = "`{M}` is emitted, but has no route",
    label = "what is called here emits `{M}`",
    note = "add a route for it to `routes`, or list it in `ignore` if nobody needs it"
)]
pub trait Emit<M: Message> {
    /// Hands `message` to its receivers.
    fn emit(&mut self, message: &M);
}

/// Answers requests of type `Q` synchronously: the context of a service that sends them, where exactly one later service handles `Q`
/// directly and returns a reply.
#[diagnostic::on_unimplemented(
    message = "`{Q}` is requested, but no service replies to it here",
    label = "what is called here requests `{Q}`",
    note = "in a router it needs a route with exactly one receiver, called directly, on the same lane, and listed after the service that requests it",
    note = "a service on a bus calls no other: it sends requests by `cx.bus().request(…).await`, in an `async fn run`"
)]
pub trait Request<Q: Message> {
    /// The message that the receiver returns.
    type Reply;

    /// Sends the request and returns the reply.
    fn request(&mut self, question: &Q) -> Self::Reply;
}

/// Takes the errors of fallible handlers. The contexts of routers implement it, and so does
/// [`Recorder`](crate::testing::Recorder).
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes no errors of handlers",
    note = "contexts of routers and `mycelium_rt::testing::Recorder` do; your own context implements `ReportFailure`"
)]
pub trait ReportFailure {
    /// The service that this context was made for failed on the message called `message`.
    fn report_failure(&mut self, message: &'static str, error: &dyn Display);
}

/// A router that has a route for `M`. Implemented by [`routing_config!`](crate::routing_config).
#[diagnostic::on_unimplemented(
    message = "`{M}` has no route in `{Self}`",
    label = "`{M}` is in these contracts, but has no route",
    note = "add a route for it to `routes`, or list it in `ignore`"
)]
pub trait Route<M: Message> {
    /// `()`, or with `on_error: propagate` a `Result<(), HandlerError>`.
    type Output;

    /// Routes one message, and everything that its handlers emit.
    fn route(&mut self, message: &M) -> Self::Output;
}
