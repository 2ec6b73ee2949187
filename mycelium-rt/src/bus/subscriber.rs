use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use super::RecvError;
use super::inbox::Inbox;
use super::topic::Topic;
use crate::Message;
use crate::ring::{Consumer, Ready};

/// Receives what is published as `M` from the subscription on. Made by [`Bus::subscribe`](super::Bus::subscribe).
///
/// Messages of one publisher arrive in order. A subscriber that is slower than its publishers loses the newest ones once its ring
/// is full, and sees that at the very place: [`RecvError::Lagged`] says how many are missing between two messages.
pub struct Subscriber<M> {
    consumer: Consumer,
    inbox: Weak<Inbox>,
    topic: Weak<Topic>,
    /// A message that came with a gap, which is told first.
    held: Option<M>,
    /// Lost messages that were told.
    told: u64,
    message: PhantomData<M>,
}

impl<M: Message> Subscriber<M> {
    pub(super) fn new(topic: &Arc<Topic>, inbox: &Arc<Inbox>, consumer: Consumer) -> Self {
        let (inbox, topic) = (Arc::downgrade(inbox), Arc::downgrade(topic));
        Self { consumer, inbox, topic, held: None, told: 0, message: PhantomData }
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
            if let Some(received) = self.try_recv() {
                return Poll::Ready(received);
            }
            if ready!(self.consumer.poll_ready(cx)) == Ready::Closed {
                return Poll::Ready(self.try_recv().unwrap_or_else(|| Err(self.end())));
            }
        }
    }

    /// The next message, if it is there.
    ///
    /// # Errors
    /// As [`recv`](Self::recv), without [`RecvError::Closed`].
    pub fn try_recv(&mut self) -> Option<Result<M, RecvError>> {
        if let Some(message) = self.held.take() {
            return Some(Ok(message));
        }
        let mut received = None;
        self.consumer.poll(1, |frame| received = Some((frame.lost, M::decode(frame.body).map(|message| *message))));
        let (lost, message) = received?;
        // Never an error: what is published is a message, or was checked where it came in.
        let message = message.ok();
        if lost == 0 {
            return message.map(Ok);
        }
        self.held = message;
        Some(Err(RecvError::Lagged(self.lag(lost))))
    }

    /// What comes after the last message: what was dropped after it, then the end.
    fn end(&mut self) -> RecvError {
        match self.consumer.lost_total().saturating_sub(self.told) {
            0 => RecvError::Closed,
            lost => {
                self.told += lost;
                RecvError::Lagged(lost)
            }
        }
    }

    /// How many messages are missing; the slot's own count ends at its maximum.
    fn lag(&mut self, lost: u16) -> u64 {
        let lag = if lost < u16::MAX { u64::from(lost) } else { self.consumer.lost_total().saturating_sub(self.told) };
        self.told += lag;
        lag
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
