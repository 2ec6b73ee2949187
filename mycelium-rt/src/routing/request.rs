use crate::Message;

/// Answers requests of type `Q` at once: what a context can do if exactly one later service handles `Q` directly and
/// returns a reply.
#[diagnostic::on_unimplemented(
    message = "`{Q}` is requested where nobody answers it",
    label = "what is called here requests `{Q}`",
    note = "in a router it needs a route with exactly one receiver, called directly, on the same lane, and listed after the service that asks",
    note = "a service on a bus has nobody to call: it asks by `cx.bus().request(…).await`, in an `async fn run`"
)]
pub trait Request<Q: Message> {
    /// What the receiver returns.
    type Reply;

    /// Asks, and gives the reply.
    fn request(&mut self, question: &Q) -> Self::Reply;
}
