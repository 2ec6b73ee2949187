//! Where a service stands on the bus, and how it is taken away from there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::inbox::Inbox;
use super::topic::Topic;
use super::{Bus, BusError, Inner};
use crate::routing::Handled;

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
