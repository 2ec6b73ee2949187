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
/// is full, and sees that at the very place: [`RecvError::Lagged`] says how many are missing between two messages. One that breaks a
/// rule of its contract, by a public field that was set out of its bounds, is missing as well, and logged.
pub struct Subscriber<M> {
    consumer: Consumer,
    inbox: Weak<Inbox>,
    topic: Weak<Topic>,
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
        let (inbox, topic) = (Arc::downgrade(inbox), Arc::downgrade(topic));
        Self { consumer, inbox, topic, held: None, reported: 0, told: 0, message: PhantomData }
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
        let mut lag = self.lag(lost);
        match message {
            Ok(message) if lag == 0 => return Some(Ok(message)),
            Ok(message) => self.held = Some(message),
            // Its sender has set a public field to what the contract does not allow.
            Err(error) => {
                tracing::error!(message = M::NAME, %error, "message refused");
                lag += 1;
            }
        }
        Some(Err(RecvError::Lagged(lag)))
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

    /// How many messages are missing before one, whose slot tells of `lost`. Where there are more than a slot can tell, the slots behind
    /// it tell of the rest, which is then known already.
    fn lag(&mut self, lost: u16) -> u64 {
        self.reported += u64::from(lost);
        let known = if lost < u16::MAX { self.reported } else { self.reported.max(self.consumer.lost_total()) };
        let lag = known.saturating_sub(self.told);
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
