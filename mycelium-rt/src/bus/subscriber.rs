//! Subscriptions: the receiving end of a topic, and how a subscriber learns what it has missed.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use super::RecvError;
use super::inbox::{Dropped, Inbox};
use super::topic::Topic;
use crate::Message;
use crate::ring::{Consumer, Ready};
use crate::routing::Handed;

/// Receives what is published as `M` after the subscription. Made by [`Bus::subscribe`](super::Bus::subscribe).
///
/// Messages of one publisher arrive in order. A subscriber that is slower than its publishers loses the newest messages while its ring
/// is full, and learns of it at their place: [`RecvError::Lagged`] says how many are missing between two messages, or after the last
/// one, before [`recv`](Self::recv) waits for another. [`lagged`](Self::lagged) counts them all.
pub struct Subscriber<M> {
    consumer: Consumer,
    inbox: Weak<Inbox>,
    topic: Weak<Topic>,
    dropped: Arc<Dropped>,
    /// A message that came after a gap, which is returned first.
    held: Option<M>,
    /// Lost messages, as slots have counted them.
    counted: u64,
    /// Lost messages that the subscriber has learnt of; more than `counted` where the count of a slot was saturated.
    reported: u64,
    message: PhantomData<M>,
}

impl<M: Message> Subscriber<M> {
    pub(super) fn new(topic: &Arc<Topic>, inbox: &Arc<Inbox>, consumer: Consumer) -> Self {
        let (dropped, inbox, topic) = (inbox.drop_counter(), Arc::downgrade(inbox), Arc::downgrade(topic));
        Self { consumer, inbox, topic, dropped, held: None, counted: 0, reported: 0, message: PhantomData }
    }

    /// Waits for the next message. It is cancel safe: nothing is lost if the future is dropped.
    ///
    /// # Errors
    /// [`RecvError::Lagged`] where messages are missing, and [`RecvError::Closed`] at the end.
    pub async fn recv(&mut self) -> Result<M, RecvError> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// As [`recv`](Self::recv), for hand-written futures.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<M, RecvError>> {
        // A subscriber that always finds something yields to other tasks from time to time.
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let received = self.poll_ring(cx);
        if received.is_ready() {
            budget.made_progress();
        }
        received
    }

    fn poll_ring(&mut self, cx: &mut Context<'_>) -> Poll<Result<M, RecvError>> {
        loop {
            // Read before the ring: these were lost after what is in the ring.
            let dropped = self.dropped.count();
            if let Some(received) = self.try_recv() {
                return Poll::Ready(received);
            }
            if let Some(lag) = self.lag_of(dropped) {
                return Poll::Ready(Err(RecvError::Lagged(lag)));
            }
            if ready!(self.consumer.poll_ready(cx)) == Ready::Closed && !self.consumer.has_message() {
                let lag = self.lag_of(self.dropped.count());
                return Poll::Ready(Err(lag.map_or(RecvError::Closed, RecvError::Lagged)));
            }
        }
    }

    /// The next message, if there is one. What is missing after the last one is reported with the next one, or by [`recv`](Self::recv).
    ///
    /// # Errors
    /// As [`recv`](Self::recv), without [`RecvError::Closed`].
    pub fn try_recv(&mut self) -> Option<Result<M, RecvError>> {
        if let Some(message) = self.held.take() {
            return Some(Ok(message));
        }
        let mut received = None;
        self.consumer.poll(1, |frame| received = Some((frame.lost, Handed::new(frame.body).message().ok().copied())));
        let (lost, message) = received?;
        let mut lag = self.lag(lost);
        match message {
            Some(message) if lag == 0 => return Some(Ok(message)),
            Some(message) => self.held = Some(message),
            // Never happens: only messages of its topic are in its ring.
            None => lag += 1,
        }
        Some(Err(RecvError::Lagged(lag)))
    }

    /// The number of messages that were dropped so far for lack of room, whether [`RecvError::Lagged`] has reported them or not. Together
    /// with those that were received, and those that still wait, they are all that was published since the subscription.
    #[must_use]
    pub fn lagged(&self) -> u64 {
        self.dropped.count()
    }

    /// Of `dropped` messages, the number that was not reported yet.
    fn lag_of(&mut self, dropped: u64) -> Option<u64> {
        let lag = dropped.checked_sub(self.reported).filter(|lag| *lag > 0)?;
        self.reported = dropped;
        Some(lag)
    }

    /// The number of messages that are missing before one whose slot counts `lost`. Where more are missing than a slot can count, later slots
    /// count the rest, which is known already then.
    fn lag(&mut self, lost: u16) -> u64 {
        self.counted += u64::from(lost);
        let known = if lost < u16::MAX { self.counted } else { self.counted.max(self.consumer.lost_total()) };
        self.lag_of(known).unwrap_or(0)
    }
}

impl<M> Drop for Subscriber<M> {
    fn drop(&mut self) {
        if let (Some(topic), Some(inbox)) = (self.topic.upgrade(), self.inbox.upgrade()) {
            topic.remove(&inbox);
            // An idle publisher would keep the ring.
            inbox.close();
        }
    }
}

impl<M: Message> fmt::Debug for Subscriber<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("message", &M::NAME).finish_non_exhaustive()
    }
}
