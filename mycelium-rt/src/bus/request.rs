//! Requests and replies.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::inbox::{Inbox, RequestRefused};
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
    /// Sends a request to the service that replies to `Q`, and waits for its reply. The request waits in the inbox of the service among
    /// its other messages, in order. Only services of this process reply: requests don't go over links, and what comes in by an input is
    /// not a request, even if its handler returns a message.
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
    /// It may be called from anywhere: the tokio runtime of the service keeps the time.
    ///
    /// # Errors
    /// Each [`RequestError`]. After [`RequestError::TimedOut`] the service may still handle the request, and its reply is dropped.
    pub async fn request<Q: Message, R: Message>(&self, request: &Q, timeout: Duration) -> Result<R, RequestError> {
        let name = Q::NAME;
        let responder = self.responder::<Q>()?;
        let reply = responder.inbox.request(Q::ID, request.as_bytes()).map_err(|error| match error {
            RequestRefused::Full => RequestError::Full { request: name },
            RequestRefused::Closed => RequestError::NoResponder { request: name },
        })?;
        let reply = within(&responder.runtime, timeout, reply).await.ok_or(RequestError::TimedOut { request: name })?;
        let reply = reply.map_err(|_| RequestError::Unanswered { request: name })?;
        reply.downcast().map(|reply| *reply).map_err(|_| RequestError::OtherReply { request: name, expected: R::NAME })
    }

    fn responder<Q: Message>(&self) -> Result<Responder, RequestError> {
        let no_responder = RequestError::NoResponder { request: Q::NAME };
        // A bus has one topic for each id: with another message of this id on it, there is none for this one.
        let topic = self.topic(&MessageInfo::of::<Q>()).map_err(|_| no_responder)?;
        match self.responders().get(&Q::ID) {
            Some(responder) => Ok(responder.clone()),
            None if topic.is_forwarded() => Err(RequestError::Remote { request: Q::NAME }),
            None => Err(no_responder),
        }
    }

    /// Registers `inbox` as the responder to those of the handled messages whose ids are among `replies`.
    pub(super) fn add_responder(
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

    /// Undoes that.
    pub(super) fn remove_responder(&self, inbox: &Inbox) {
        let ended: Vec<_> = {
            let mut responders = self.responders();
            responders.extract_if(|_, responder| std::ptr::eq(&*responder.inbox, inbox)).collect()
        };
        // Dropped where no lock is held: the last owner of an inbox wakes its requesters.
        drop(ended);
    }
}
