//! Point to point: any number of senders, one receiver, and nobody loses anything.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{BusError, PointError};
use crate::Message;

/// The channel of one message; the receiving end waits here for whoever asks for it.
pub(super) struct Point<M> {
    sender: mpsc::Sender<M>,
    receiver: Mutex<Option<mpsc::Receiver<M>>>,
}

impl<M: Message> Point<M> {
    pub(super) fn new(capacity: usize) -> Self {
        // A channel without room could never be sent to, and tokio panics at more than it can count.
        let (sender, receiver) = mpsc::channel(capacity.clamp(1, Semaphore::MAX_PERMITS));
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }

    pub(super) fn sender(&self) -> Sender<M> {
        Sender(self.sender.clone())
    }

    pub(super) fn receiver(self: &Arc<Self>) -> Result<Receiver<M>, BusError> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let channel = receiver.ok_or(BusError::ReceiverTaken { message: M::NAME })?;
        Ok(Receiver { channel: Some(channel), point: Arc::downgrade(self) })
    }
}

/// A [`Point`] whose message is forgotten.
pub(super) type AnyPoint = Arc<dyn Any + Send + Sync>;

/// Sends messages of one type to their one receiver. Made by [`Bus::sender`](super::Bus::sender).
#[derive(Clone)]
pub struct Sender<M>(mpsc::Sender<M>);

impl<M: Message> Sender<M> {
    /// Sends, waiting as long as there is no room; so also if there is no receiver yet and as many messages wait as may.
    ///
    /// # Errors
    /// [`PointError::Closed`] when the bus is gone, and the receiver with it.
    pub async fn send(&self, message: &M) -> Result<(), PointError> {
        self.0.send(*message).await.map_err(|_| PointError::Closed)
    }

    /// Sends if there is room.
    ///
    /// # Errors
    /// [`PointError::Full`] if there is none, [`PointError::Closed`] when the bus is gone, and the receiver with it.
    pub fn try_send(&self, message: &M) -> Result<(), PointError> {
        self.0.try_send(*message).map_err(|error| match error {
            TrySendError::Full(_) => PointError::Full,
            TrySendError::Closed(_) => PointError::Closed,
        })
    }
}

/// The one receiver of a message. Made by [`Bus::receiver`](super::Bus::receiver); dropped, it leaves its place to another, which
/// finds what has not been received.
pub struct Receiver<M> {
    channel: Option<mpsc::Receiver<M>>,
    point: Weak<Point<M>>,
}

impl<M: Message> Receiver<M> {
    /// Waits for the next message; `None` once the bus and all senders are gone and everything was received. It is cancel safe.
    pub async fn recv(&mut self) -> Option<M> {
        self.channel.as_mut()?.recv().await
    }

    /// The next message, if it is there.
    pub fn try_recv(&mut self) -> Option<M> {
        self.channel.as_mut()?.try_recv().ok()
    }
}

impl<M> Drop for Receiver<M> {
    fn drop(&mut self) {
        if let Some(point) = self.point.upgrade() {
            *point.receiver.lock().unwrap_or_else(PoisonError::into_inner) = self.channel.take();
        }
    }
}

impl<M: Message> fmt::Debug for Sender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("message", &M::NAME).finish_non_exhaustive()
    }
}

impl<M: Message> fmt::Debug for Receiver<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("message", &M::NAME).finish_non_exhaustive()
    }
}
