//! The registration of a service on the bus: what leads messages to it, what takes them out of its inbox, and how it is cut off.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::inbox::Inbox;
use super::service::Tally;
use super::topic::Topic;
use super::{Bus, BusError, Inner, ServiceContext};
use crate::ring::{Consumer, Ready};
use crate::routing::{Handed, Handled};
use crate::service::{self, BatchBuffer, Next};

/// The registration of a service: topics push what it handles into its inbox, and requests that it replies to go there.
pub(super) struct Registration {
    // Weak: the handle of a service that has ended must not keep the bus open.
    bus: Weak<Inner>,
    topics: Vec<Arc<Topic>>,
    pub(super) inbox: Arc<Inbox>,
    /// Whether the service is about to end, or cut off. Then it yields after each message, so that the task that ends it can run.
    ending: AtomicBool,
}

impl Registration {
    /// Registers a service that handles what goes through `topics`, and replies to the messages with the ids `replies`.
    pub(super) fn new(
        bus: &Bus,
        topics: Vec<Arc<Topic>>,
        inbox: Arc<Inbox>,
        (handled, replies): (&[Handled], &[u16]),
        runtime: &Handle,
    ) -> Result<Arc<Self>, BusError> {
        bus.add_responder(handled, replies, &inbox, runtime)?;
        let registration = Self { bus: Arc::downgrade(&bus.0), topics, inbox, ending: AtomicBool::new(false) };
        if let Err(error) = bus.join(&registration.topics, &registration.inbox) {
            registration.remove();
            return Err(error);
        }
        Ok(Arc::new(registration))
    }

    /// The service is about to end.
    pub(super) fn begin_to_end(&self) {
        // Only a hint that shortens turns, hence `Relaxed`, here and in the load; a service that is cut off was aborted before.
        self.ending.store(true, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// From now on nothing more comes in, and another service may reply. What is there can still be taken.
    pub(super) fn remove(&self) {
        self.topics.iter().for_each(|topic| topic.remove(&self.inbox));
        if let Some(bus) = self.bus.upgrade() {
            Bus(bus).remove_responder(&self.inbox);
        }
        self.inbox.close();
    }
}

/// Cuts off the task of a service.
#[derive(Clone)]
pub(super) struct Cancel {
    pub(super) task: AbortHandle,
    pub(super) registration: Arc<Registration>,
}

impl Cancel {
    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends the task where it waits. It is unregistered at once; the task itself ends when its runtime gets to it.
    pub(super) fn cut(&self) {
        // Aborted first, so that it does not take the close of its inbox for the regular end.
        self.task.abort();
        self.registration.begin_to_end();
        self.registration.remove();
    }
}

/// Takes the messages of a service out of its inbox. However the service ends, the drop of this unregisters it, and counts what was not
/// handled.
pub(super) struct Intake {
    registration: Arc<Registration>,
    consumer: Consumer,
    tally: Arc<Tally>,
    /// The number of messages that are settled.
    settled: u64,
    /// The number of messages that were taken out, and are not settled.
    taken: usize,
}

impl Intake {
    pub(super) fn new(registration: Arc<Registration>, consumer: Consumer, tally: Arc<Tally>) -> Self {
        Self { registration, consumer, tally, settled: 0, taken: 0 }
    }
}

impl service::Inbox<ServiceContext> for Intake {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        self.consumer.poll_ready(cx)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.consumer.poll_closed(cx)
    }

    fn is_closed(&self) -> bool {
        self.consumer.is_closed()
    }

    fn close(&self) {
        self.registration.remove();
    }

    fn take(&mut self, batch: &mut BatchBuffer) {
        self.taken += self.consumer.poll(batch.room(), |frame| {
            batch.copy(&frame);
        });
    }

    fn begin(&mut self, messages: usize, is_request: bool, cx: &mut ServiceContext) {
        self.tally.received.add(messages as u64);
        if is_request {
            cx.reply_to = self.registration.inbox.requester(self.settled);
        }
    }

    fn handed<'a>(&self, body: &'a [u8]) -> Handed<'a> {
        Handed::new(body)
    }

    fn settle(&mut self, messages: usize, cx: &mut ServiceContext) {
        // If the handler has not replied, the drop tells the requester.
        cx.reply_to = None;
        self.settled += messages as u64;
        self.taken -= messages;
        self.registration.inbox.done(messages);
    }

    #[inline(always)]
    fn pace(&self) -> Next {
        if self.registration.is_ending() { Next::Yield } else { Next::GoOn }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.registration.remove();
        self.registration.inbox.dismiss_requesters();
        let mut left = self.taken;
        self.registration.inbox.done(left);
        while self.consumer.poll(1, |_| ()) > 0 {
            left += 1;
            self.registration.inbox.done(1);
        }
        self.tally.left.add(left as u64);
    }
}
