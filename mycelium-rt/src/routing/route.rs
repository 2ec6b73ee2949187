use crate::Message;

/// A router that has a route for `M`. Implemented by [`routing_config!`](crate::routing_config).
#[diagnostic::on_unimplemented(
    message = "`{M}` has no route in `{Self}`",
    label = "`{M}` is in these contracts, but has no route",
    note = "add a route for it to `routes`, or list it in `ignore`"
)]
pub trait Route<M: Message> {
    /// `()`, or with `on_error: propagate` a `Result<(), HandlerError>`.
    type Output;

    /// Routes one message, and all that follows from it.
    fn route(&mut self, message: &M) -> Self::Output;
}
