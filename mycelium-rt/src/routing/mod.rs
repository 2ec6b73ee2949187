//! Routing: the traits that services and routers meet in.

use crate::Message;

/// Accepts messages of type `M`: what a service's context can do.
pub trait Emit<M: Message> {
    /// Hands `msg` to whoever the route of `M` names.
    fn emit(&mut self, msg: &M);
}

/// A service that takes messages of type `M` in a context `Cx`. Implemented by `#[service]`.
pub trait Handle<M: Message, Cx> {
    /// What the handler returns.
    type Output;
    /// Takes one message.
    fn handle(&mut self, msg: &M, cx: &mut Cx) -> Self::Output;
}

/// A router that has a route for `M`.
pub trait Route<M: Message> {
    /// Routes one message.
    fn route(&mut self, msg: &M);
}
