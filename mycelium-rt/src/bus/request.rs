//! Asking, and being answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::inbox::{AskError, Inbox};
use super::within;
use super::{Bus, BusError, RequestError};
use crate::routing::Handled;
use crate::{Message, MessageInfo};

/// The one service that replies to a message.
#[derive(Clone)]
pub(super) struct Responder {
    inbox: Arc<Inbox>,
    runtime: Handle,
}

impl Bus {
    /// Asks the service that replies to `Q`, and waits for its reply. The question stands in the service's inbox among its other
    /// messages, in order. Services of this process are asked: requests don't travel over links, and what comes in by an input is no
    /// request, even if its handler returns a message.
    ///
    /// ```
    /// use contracts::{Order, Signal};
    /// use mycelium_rt::bus::{Bus, RequestError, Runtime};
    /// use mycelium_rt::service;
    /// use std::time::Duration;
    ///
    /// struct Pricing;
    ///
    /// #[service]
    /// impl Pricing {
    ///     #[handle]
    ///     fn on_signal(&mut self, _: &Signal) -> Order {
    ///         Order::default()
    ///     }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let bus = Bus::new();
    /// let asked = bus.request::<Signal, Order>(&Signal::default(), Duration::from_secs(1)).await;
    /// assert_eq!(asked, Err(RequestError::NoResponder { request: "Signal" }));
    ///
    /// let _pricing = Runtime::new(&bus)?.spawn(Pricing)?;
    /// let order = bus.request::<Signal, Order>(&Signal::default(), Duration::from_secs(1)).await?;
    /// assert_eq!(order, Order::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// It may be called from anywhere: the time is kept by the tokio runtime of the service.
    ///
    /// # Errors
    /// Each [`RequestError`]. After [`RequestError::TimedOut`] the service may still handle the request, and its reply is dropped.
    pub async fn request<Q: Message, R: Message>(&self, request: &Q, timeout: Duration) -> Result<R, RequestError> {
        let name = Q::NAME;
        let responder = self.responder::<Q>()?;
        let reply = responder.inbox.ask(Q::ID, request.as_bytes()).map_err(|error| match error {
            AskError::Full => RequestError::Full { request: name },
            AskError::Closed => RequestError::NoResponder { request: name },
        })?;
        let reply = within(&responder.runtime, timeout, reply).await.ok_or(RequestError::TimedOut { request: name })?;
        let reply = reply.map_err(|_| RequestError::Unanswered { request: name })?;
        reply.downcast().map(|reply| *reply).map_err(|_| RequestError::OtherReply { request: name, expected: R::NAME })
    }

    fn responder<Q: Message>(&self) -> Result<Responder, RequestError> {
        let nobody = RequestError::NoResponder { request: Q::NAME };
        // Another message with this id has a topic of its own on no bus.
        let topic = self.topic(&MessageInfo::of::<Q>()).map_err(|_| nobody)?;
        match self.responders().get(&Q::ID) {
            Some(responder) => Ok(responder.clone()),
            None if topic.is_forwarded() => Err(RequestError::Remote { request: Q::NAME }),
            None => Err(nobody),
        }
    }

    /// Makes `inbox` the one that replies to those of the handled messages whose ids are among `replies`.
    pub(super) fn respond(
        &self,
        handled: &[Handled],
        replies: &[u16],
        inbox: &Arc<Inbox>,
        runtime: &Handle,
    ) -> Result<(), BusError> {
        let mut responders = self.responders();
        let requests = || handled.iter().map(|handled| handled.message).filter(|message| replies.contains(&message.id));
        if let Some(taken) = requests().find(|request| responders.contains_key(&request.id)) {
            return Err(BusError::ResponderTaken { message: taken.name });
        }
        for request in requests() {
            let responder = Responder { inbox: Arc::clone(inbox), runtime: runtime.clone() };
            responders.insert(request.id, responder);
        }
        Ok(())
    }

    /// Ends that again.
    pub(super) fn respond_no_more(&self, inbox: &Inbox) {
        let ended: Vec<_> = {
            let mut responders = self.responders();
            responders.extract_if(|_, responder| std::ptr::eq(&*responder.inbox, inbox)).collect()
        };
        // Where no lock is held: the last one to go wakes who waits.
        drop(ended);
    }
}
