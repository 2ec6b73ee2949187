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

/// The place of a service: what it handles is put into its inbox, and it is asked what it replies to.
pub(super) struct Place {
    // Whoever still holds the handle of a service that has ended keeps no bus open.
    bus: Weak<Inner>,
    topics: Vec<Arc<Topic>>,
    pub(super) inbox: Arc<Inbox>,
    /// Whether the service is about to end, or cut off: then it lets others run after each message, one of which may be who ends it.
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
        bus.respond(handled, replies, &inbox, runtime)?;
        let place = Self { bus: Arc::downgrade(&bus.0), topics, inbox, ending: AtomicBool::new(false) };
        if let Err(error) = bus.join(&place.topics, &place.inbox) {
            place.leave();
            return Err(error);
        }
        Ok(Arc::new(place))
    }

    /// The service is about to end.
    pub(super) fn begin_to_end(&self) {
        // Only a hint that shortens turns, hence `Relaxed`, here and in the load; who is cut off has been aborted before.
        self.ending.store(true, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// From now on, nothing more comes in, and somebody else may reply. What is there can still be taken.
    pub(super) fn leave(&self) {
        self.topics.iter().for_each(|topic| topic.remove(&self.inbox));
        if let Some(bus) = self.bus.upgrade() {
            Bus(bus).respond_no_more(&self.inbox);
        }
        self.inbox.close();
    }
}

/// The task of a service, to be cut off.
#[derive(Clone)]
pub(super) struct Cancel {
    pub(super) task: AbortHandle,
    pub(super) place: Arc<Place>,
}

impl Cancel {
    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends the task where it waits. Its place is free at once, the task itself is gone when its runtime comes to it.
    pub(super) fn cut(&self) {
        // Aborted first, so that it does not take the end of its inbox for that of its messages.
        self.task.abort();
        self.place.begin_to_end();
        self.place.leave();
    }
}

/// Takes a service's messages out of its inbox. However the service ends, dropping this leaves its place on the bus, and counts what was
/// not handled.
pub(super) struct Intake {
    place: Arc<Place>,
    consumer: Consumer,
    tally: Arc<Tally>,
    /// Messages that are settled.
    settled: u64,
    /// Messages that were taken out, and are not settled.
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
            cx.asker = self.place.inbox.asker(self.settled);
        }
    }

    fn handed<'a>(&self, body: &'a [u8]) -> Handed<'a> {
        Handed::new(body)
    }

    fn settle(&mut self, messages: usize, cx: &mut ServiceContext) {
        // Dropped, if the handler has not replied: whoever asked need not wait any longer.
        cx.asker = None;
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
        self.place.inbox.dismiss_askers();
        let mut left = self.taken;
        self.place.inbox.done(left);
        while self.consumer.poll(1, |_| ()) > 0 {
            left += 1;
            self.place.inbox.done(1);
        }
        self.tally.left.add(left as u64);
    }
}
