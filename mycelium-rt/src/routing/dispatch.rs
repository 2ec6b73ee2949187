//! How bytes reach the handlers of a service as messages, behind a task and on a bus.

use core::fmt::Display;
use core::marker::PhantomData;

use super::handed::SideBySide;
use super::{
    Driven, Due, Failed, Handed, HandleAsync, Handled, HookError, MessageRef, ReportFailure, Service, Source,
    SourceState, Timer,
};
use crate::{DecodeError, Message};

/// The methods of a service that a runner on tokio calls, in a context `Cx`: on a bus all of them, behind a task the handlers of the
/// messages that are routed there, its sources and its timers.
///
/// Every service that [a bus can run](OnBus) has it. For a service behind a task [`routing_config!`](crate::routing_config) implements it
/// on a type of its own.
pub trait Dispatch<Cx> {
    /// The service.
    type Service;

    /// Its handlers: messages are gathered for those that take `&[M]`. If left out, none are.
    const HANDLED: &'static [Handled] = &[];

    /// The ids of the messages that it replies to.
    const REPLIES: &'static [u16] = &[];

    /// Its `#[source]` methods, which [`drive`](Self::drive) asks.
    const SOURCES: &'static [Source] = &[];

    /// Its `#[every("…")]` methods, which [`drive`](Self::drive) calls.
    const TIMERS: &'static [Timer] = &[];

    /// Hands the message with this id and body to its handler. For a handler that takes `&[M]`, the body holds one or more messages,
    /// back to back.
    fn deliver(service: &mut Self::Service, id: u16, body: Handed<'_>, cx: &mut Cx) -> impl Future<Output = ()> + Send
    where
        Cx: DispatchContext;

    /// Calls the source or the timer that is due.
    #[inline]
    fn drive(_service: &mut Self::Service, _due: Due, _cx: &mut Cx) -> SourceState {
        SourceState::Finished
    }
}

/// A service that a bus can run, in a context `Cx`. Implemented by [`#[service]`](macro@crate::service) for every service.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't run on a bus",
    label = "not a service that a bus can run",
    note = "put `#[service]` on its `impl` block; it must be `Send`, and none of its handlers may take `cx: &mut impl Request<…>`: send requests by `bus.request(…).await` in an `async fn run`"
)]
pub trait OnBus<Cx>: Driven<Cx> {
    /// The ids of the messages that it replies to.
    const REPLIES: &'static [u16] = &[];

    /// Hands the message with this id and body to its handler. For a handler that takes `&[M]`, the body holds one or more messages,
    /// back to back.
    fn deliver(&mut self, id: u16, _body: Handed<'_>, cx: &mut Cx) -> impl Future<Output = ()> + Send
    where
        Cx: DispatchContext,
    {
        cx.refuse(id, &"this service has no handler for it");
        core::future::ready(())
    }

    /// Its `async fn run`; without one, this never returns.
    ///
    /// # Errors
    /// What `run` returned, as text.
    fn run(&mut self, _cx: &Cx) -> impl Future<Output = Result<(), HookError>> + Send {
        core::future::pending()
    }

    /// Whether it has a method `run`.
    const RUNS: bool = false;
}

/// On a bus a service takes every message that it handles.
impl<S: OnBus<Cx>, Cx> Dispatch<Cx> for S {
    type Service = Self;

    const HANDLED: &'static [Handled] = <S as Service>::HANDLED;
    const REPLIES: &'static [u16] = <S as OnBus<Cx>>::REPLIES;
    const SOURCES: &'static [Source] = <S as Service>::SOURCES;
    const TIMERS: &'static [Timer] = <S as Service>::TIMERS;

    #[inline]
    fn deliver(service: &mut S, id: u16, body: Handed<'_>, cx: &mut Cx) -> impl Future<Output = ()> + Send
    where
        Cx: DispatchContext,
    {
        OnBus::deliver(service, id, body, cx)
    }

    #[inline]
    fn drive(service: &mut S, due: Due, cx: &mut Cx) -> SourceState {
        Driven::drive(service, due, cx)
    }
}

/// What the context of a service on tokio does around handlers, besides what they call themselves.
pub trait DispatchContext: ReportFailure + Send {
    /// Counts a message that is not for this service.
    fn refuse(&mut self, id: u16, reason: &dyn Display);

    /// Counts a body that is not valid for its message.
    fn refuse_body(&mut self, message: MessageRef, error: &DecodeError) {
        self.refuse(message.id, error);
    }

    /// Sends the reply to the current request. Dropped where requests are not possible.
    fn reply<R: Message>(&mut self, _reply: &R) {}
}

/// The result of a handler: a reply goes back to the requester.
pub trait Answer {
    /// Hands it to the context, if it is a reply.
    fn answer(self, cx: &mut impl DispatchContext);
}

impl Answer for () {
    #[inline]
    fn answer(self, _cx: &mut impl DispatchContext) {}
}

impl Answer for Result<(), Failed> {
    #[inline]
    fn answer(self, _cx: &mut impl DispatchContext) {}
}

#[diagnostic::do_not_recommend]
impl<R: Message> Answer for R {
    fn answer(self, cx: &mut impl DispatchContext) {
        cx.reply(&self);
    }
}

/// Hands one message to its handler, plain or `async`. Implementations of [`Dispatch::deliver`] call it.
///
/// A body that its contract does not allow is [refused](DispatchContext::refuse_body). Behind a task only
/// [`RingSender::send_bytes`](crate::link::RingSender::send_bytes) can send one.
pub async fn deliver<M, S, Cx>(service: &mut S, body: Handed<'_>, cx: &mut Cx)
where
    M: Message,
    S: HandleAsync<M, Cx, Output: Answer>,
    Cx: DispatchContext,
{
    match body.message::<M>() {
        Ok(message) => service.handle(message, cx).await.answer(cx),
        Err(error) => cx.refuse_body(MessageRef::of::<M>(), &error),
    }
}

/// Hands messages that have arrived together to their handler, which takes `&[M]`. Implementations of [`Dispatch::deliver`] call it where
/// [`Dispatch::HANDLED`] says so. If the contract does not allow one of them, they are [delivered](deliver) one by one.
pub async fn deliver_batch<M, S, Cx>(service: &mut S, bodies: Handed<'_>, cx: &mut Cx)
where
    M: SideBySide,
    S: HandleAsync<M, Cx, Output: Answer> + Send,
    Cx: DispatchContext,
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

/// Delivers messages of type `M`, if that is a message. So `OnBus` needs no bound `M: Message` for each handler, each of which rustc would
/// check against all others. The inherent impl may have no further bounds: where one is not met, [`NoDelivery`] is found and nothing is
/// delivered.
#[derive(Debug)]
pub struct Delivery<S, M, Cx>(PhantomData<fn(S, M, Cx)>);

impl<S, M: Message, Cx: DispatchContext> Delivery<S, M, Cx> {
    /// Its id.
    #[must_use]
    pub const fn is_for(id: u16) -> bool {
        id == M::ID
    }

    /// See [`deliver`].
    pub async fn one(service: &mut S, body: Handed<'_>, cx: &mut Cx)
    where
        S: HandleAsync<M, Cx, Output: Answer>,
    {
        deliver::<M, S, Cx>(service, body, cx).await;
    }

    /// See [`deliver_batch`].
    pub async fn many(service: &mut S, bodies: Handed<'_>, cx: &mut Cx)
    where
        S: HandleAsync<M, Cx, Output: Answer> + Send,
    {
        deliver_batch::<M, S, Cx>(service, bodies, cx).await;
    }
}

/// Found instead where `M` is not a message, which is reported elsewhere, once.
pub trait NoDelivery<S, Cx> {
    /// Never.
    #[must_use]
    fn is_for(_: u16) -> bool {
        false
    }

    /// Delivers nothing.
    fn one(_: &mut S, _: Handed<'_>, _: &mut Cx) -> impl Future<Output = ()> + Send {
        core::future::ready(())
    }

    /// Delivers nothing.
    fn many(_: &mut S, _: Handed<'_>, _: &mut Cx) -> impl Future<Output = ()> + Send {
        core::future::ready(())
    }
}

impl<S, M, Cx> NoDelivery<S, Cx> for Delivery<S, M, Cx> {}
