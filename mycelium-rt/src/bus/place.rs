//! The place of a service on the bus: what leads messages there, what takes them out, and how the service is cut off from it.

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

/// The place of a service: topics push what it handles into its inbox, and requests that it replies to go there.
pub(super) struct Place {
    // Weak: the handle of a service that has ended must not keep the bus open.
    bus: Weak<Inner>,
    topics: Vec<Arc<Topic>>,
    pub(super) inbox: Arc<Inbox>,
    /// Whether the service is about to end, or cut off. Then it yields after each message, so that the task that ends it can run.
    ending: AtomicBool,
}

impl Place {
    /// Takes a place for a service that handles what goes through `topics`, and replies to the messages with the ids `replies`.
    pub(super) fn take(
        bus: &Bus,
        topics: Vec<Arc<Topic>>,
        inbox: Arc<Inbox>,
        (handled, replies): (&[Handled], &[u16]),
        runtime: &Handle,
    ) -> Result<Arc<Self>, BusError> {
        bus.add_responder(handled, replies, &inbox, runtime)?;
        let place = Self { bus: Arc::downgrade(&bus.0), topics, inbox, ending: AtomicBool::new(false) };
        if let Err(error) = bus.join(&place.topics, &place.inbox) {
            place.leave();
            return Err(error);
        }
        Ok(Arc::new(place))
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
    pub(super) fn leave(&self) {
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
    pub(super) place: Arc<Place>,
}

impl Cancel {
    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends the task where it waits. Its place is free at once; the task itself ends when its runtime gets to it.
    pub(super) fn cut(&self) {
        // Aborted first, so that it does not take the close of its inbox for the regular end.
        self.task.abort();
        self.place.begin_to_end();
        self.place.leave();
    }
}

/// Takes the messages of a service out of its inbox. However the service ends, the drop of this leaves its place on the bus, and counts what
/// was not handled.
pub(super) struct Intake {
    place: Arc<Place>,
    consumer: Consumer,
    tally: Arc<Tally>,
    /// The number of messages that are settled.
    settled: u64,
    /// The number of messages that were taken out, and are not settled.
    taken: usize,
}

impl Intake {
    pub(super) fn new(place: Arc<Place>, consumer: Consumer, tally: Arc<Tally>) -> Self {
        Self { place, consumer, tally, settled: 0, taken: 0 }
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
        self.place.leave();
    }

    fn take(&mut self, batch: &mut BatchBuffer) {
        self.taken += self.consumer.poll(batch.room(), |frame| {
            batch.copy(&frame);
        });
    }

    fn begin(&mut self, messages: usize, is_request: bool, cx: &mut ServiceContext) {
        self.tally.received.add(messages as u64);
        if is_request {
            cx.reply_to = self.place.inbox.requester(self.settled);
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
        self.place.inbox.done(messages);
    }

    #[inline(always)]
    fn pace(&self) -> Next {
        if self.place.is_ending() { Next::Yield } else { Next::GoOn }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.place.leave();
        self.place.inbox.dismiss_requesters();
        let mut left = self.taken;
        self.place.inbox.done(left);
        while self.consumer.poll(1, |_| ()) > 0 {
            left += 1;
            self.place.inbox.done(1);
        }
        self.tally.left.add(left as u64);
    }
}
