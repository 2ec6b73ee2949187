use crate::Message;

/// Accepts messages of type `M`: what a service's context can do.
///
/// A handler asks for what it emits by the type of its last parameter, `cx: &mut impl Emit<Signal>`; several are joined
/// by `+` in parentheses. In a router the call reaches every receiver of `M` before it returns, in the order of the
/// route. For testing a service alone, [`Recorder`](crate::testing::Recorder) accepts everything, and any type of your
/// own may implement `Emit` too.
#[diagnostic::on_unimplemented(
    message = "`{M}` is emitted, but has no route",
    label = "what is called here emits `{M}`",
    note = "add a route for it to `routes`, or list it in `ignore` if nobody needs it"
)]
pub trait Emit<M: Message> {
    /// Hands `message` to whoever receives it.
    fn emit(&mut self, message: &M);
}
