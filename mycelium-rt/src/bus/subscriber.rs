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

/// Receives what is published as `M` from the subscription on. Made by [`Bus::subscribe`](super::Bus::subscribe).
///
/// Messages of one publisher arrive in order. A subscriber that is slower than its publishers loses the newest ones once its ring
/// is full, and sees that at the very place: [`RecvError::Lagged`] says how many are missing between two messages, or after the last
/// one that there is, before [`recv`](Self::recv) waits for another. [`lagged`](Self::lagged) counts them all.
pub struct Subscriber<M> {
    consumer: Consumer,
    inbox: Weak<Inbox>,
    topic: Weak<Topic>,
    dropped: Arc<Dropped>,
    /// A message that came with a gap, which is told first.
    held: Option<M>,
    /// Lost messages that slots have told of.
    reported: u64,
    /// Lost messages that the subscriber was told of; more than `reported` where a slot's count had come to its end.
    told: u64,
    message: PhantomData<M>,
}

impl<M: Message> Subscriber<M> {
    pub(super) fn new(topic: &Arc<Topic>, inbox: &Arc<Inbox>, consumer: Consumer) -> Self {
        let (dropped, inbox, topic) = (inbox.dropping(), Arc::downgrade(inbox), Arc::downgrade(topic));
        Self { consumer, inbox, topic, dropped, held: None, reported: 0, told: 0, message: PhantomData }
    }

    /// Waits for the next message. It is cancel safe: nothing is lost if the future is dropped.
    ///
    /// # Errors
    /// [`RecvError::Lagged`] where messages are missing, and [`RecvError::Closed`] at the end.
    pub async fn recv(&mut self) -> Result<M, RecvError> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// As [`recv`](Self::recv), for a future of one's own.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<M, RecvError>> {
        // A subscriber that always finds something lets others of its runtime run from time to time.
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let received = self.poll_ring(cx);
        if received.is_ready() {
            budget.made_progress();
        }
        received
    }

    fn poll_ring(&mut self, cx: &mut Context<'_>) -> Poll<Result<M, RecvError>> {
        loop {
            // Before the look into the ring: these were lost behind what is in there.
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

    /// The next message, if it is there. What is missing behind the last one is told with the next one, or by [`recv`](Self::recv).
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
            // Only messages of its topic are in its ring.
            None => lag += 1,
        }
        Some(Err(RecvError::Lagged(lag)))
    }

    /// How many messages were dropped so far since there was no room for them, whether [`RecvError::Lagged`] has told of them yet or
    /// not. With those that were received, and those that are still in there, they are all that was published since the subscription.
    #[must_use]
    pub fn lagged(&self) -> u64 {
        self.dropped.count()
    }

    /// Of so many messages that were lost, those that were not told of yet.
    fn lag_of(&mut self, dropped: u64) -> Option<u64> {
        let lag = dropped.checked_sub(self.told).filter(|lag| *lag > 0)?;
        self.told = dropped;
        Some(lag)
    }

    /// How many messages are missing before one, whose slot tells of `lost`. Where there are more than a slot can tell, the slots behind
    /// it tell of the rest, which is then known already.
    fn lag(&mut self, lost: u16) -> u64 {
        self.reported += u64::from(lost);
        let known = if lost < u16::MAX { self.reported } else { self.reported.max(self.consumer.lost_total()) };
        self.lag_of(known).unwrap_or(0)
    }
}

impl<M> Drop for Subscriber<M> {
    fn drop(&mut self) {
        if let (Some(topic), Some(inbox)) = (self.topic.upgrade(), self.inbox.upgrade()) {
            topic.remove(&inbox);
            // A publisher that has nothing to say for long would keep the ring.
            inbox.close();
        }
    }
}

impl<M: Message> fmt::Debug for Subscriber<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("message", &M::NAME).finish_non_exhaustive()
    }
}
