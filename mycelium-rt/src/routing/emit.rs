use crate::Message;

/// Accepts messages of type `M`: what a service's context can do.
///
/// A handler asks for what it emits by the type of its last parameter, `cx: &mut impl Emit<Signal>`; several are joined
/// by `+` in parentheses. In a router the call reaches every receiver of `M` before it returns, in the order of the
/// route. For testing a service alone, [`Recorder`](crate::testing::Recorder) accepts everything, and any type of your
/// own may implement `Emit` too.
#[diagnostic::on_unimplemented(
    message = "`{M}` is emitted where no later service receives it: `{Self}` does not accept it",
    label = "what is called here emits `{M}`, and nothing after it receives that",
    note = "direct calls go forward only, in the order of `services`: name a later service in the route of `{M}`, list its receivers after the emitter, or queue the way back by `via local(N)`",
    note = "a message that nobody needs can be listed in `ignore`"
)]
pub trait Emit<M: Message> {
    /// Hands `message` to whoever receives it.
    fn emit(&mut self, message: &M);
}
