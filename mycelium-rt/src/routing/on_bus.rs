use core::fmt::Display;

use super::__private::SideBySide;
use super::{Driven, Failed, Handed, HandleAsync, HookError, ReportFailure};
use crate::Message;

/// A service that a bus can run, in a context `Cx`. Implemented by [`#[service]`](macro@crate::service) for every service.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't run on a bus",
    label = "not a service that a bus can run",
    note = "put `#[service]` on its `impl` block; it must be `Send`, and none of its handlers may take `cx: &mut impl Request<…>`: ask by `bus.request(…).await` in an `async fn run`"
)]
pub trait OnBus<Cx>: Driven<Cx> {
    /// The ids of the messages that it replies to.
    const REPLIES: &'static [u16] = &[];

    /// Hands the message with this id and body to its handler. For one that takes `&[M]` the body is that of one message or more, side
    /// by side.
    fn deliver(&mut self, id: u16, _body: Handed<'_>, cx: &mut Cx) -> impl Future<Output = ()> + Send
    where
        Cx: BusContext,
    {
        cx.refuse(id, &"this service handles nothing of the kind");
        core::future::ready(())
    }

    /// Its `async fn run`, if it has one; without, this never ends.
    ///
    /// # Errors
    /// What `run` returned, as text.
    fn run(&mut self, _cx: &Cx) -> impl Future<Output = Result<(), HookError>> + Send {
        core::future::pending()
    }

    /// Whether it has a method `run`.
    const RUNS: bool = false;
}

/// What the context of a bus does for handlers, besides what they ask for themselves.
pub trait BusContext: ReportFailure + Send {
    /// Counts a message that could not be handled.
    fn refuse(&mut self, id: u16, reason: &dyn Display);

    /// Sends the reply to the request at hand.
    fn reply<R: Message>(&mut self, reply: &R);
}

/// What a handler leaves behind, seen from a bus: a reply goes back to who asked.
pub trait Answer {
    /// Hands the reply, if it is one, to the context.
    fn answer(self, cx: &mut impl BusContext);
}

impl Answer for () {
    fn answer(self, _cx: &mut impl BusContext) {}
}

impl Answer for Result<(), Failed> {
    fn answer(self, _cx: &mut impl BusContext) {}
}

#[diagnostic::do_not_recommend]
impl<R: Message> Answer for R {
    fn answer(self, cx: &mut impl BusContext) {
        cx.reply(&self);
    }
}

/// Hands one message to its handler: what [`OnBus::deliver`] is made of.
pub async fn deliver<M, S, Cx>(service: &mut S, body: Handed<'_>, cx: &mut Cx)
where
    M: Message,
    S: HandleAsync<M, Cx, Output: Answer>,
    Cx: BusContext,
{
    match body.message::<M>() {
        Ok(message) => service.handle(message, cx).await.answer(cx),
        Err(error) => cx.refuse(M::ID, &error),
    }
}

/// Hands messages that have arrived together to their handler, which takes `&[M]`. If one of them is of another type, they are
/// [delivered](deliver) one by one.
pub async fn deliver_batch<M, S, Cx>(service: &mut S, bodies: Handed<'_>, cx: &mut Cx)
where
    M: SideBySide,
    S: HandleAsync<M, Cx, Output: Answer> + Send,
    Cx: BusContext,
{
    match bodies.messages() {
        Some(messages) => service.handle_batch(messages, cx).await,
        None => {
            for body in bodies.one_by_one::<M>() {
                deliver::<M, S, Cx>(service, body, cx).await;
            }
        }
    }
}
