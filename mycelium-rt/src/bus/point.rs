//! Point to point: any number of senders, one receiver, and no loss.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{BusError, PointError};
use crate::Message;

/// The channel of one message. The receiving end is kept here until [`Bus::receiver`](super::Bus::receiver) takes it.
pub(super) struct Point<M> {
    sender: mpsc::Sender<M>,
    receiver: Mutex<Option<mpsc::Receiver<M>>>,
}

impl<M: Message> Point<M> {
    pub(super) fn new(capacity: usize) -> Self {
        // Nothing could be sent on a channel without room, and tokio panics above its maximum.
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

/// A [`Point`] with its message type erased.
pub(super) type AnyPoint = Arc<dyn Any + Send + Sync>;

/// Sends messages of one type to their one receiver. Made by [`Bus::sender`](super::Bus::sender).
#[derive(Clone)]
pub struct Sender<M>(mpsc::Sender<M>);

impl<M: Message> Sender<M> {
    /// Sends, and waits while there is no room, even if there is no receiver yet.
    ///
    /// # Errors
    /// [`PointError::Closed`] when the bus and the receiver are gone.
    pub async fn send(&self, message: &M) -> Result<(), PointError> {
        self.0.send(*message).await.map_err(|_| PointError::Closed)
    }

    /// Sends if there is room.
    ///
    /// # Errors
    /// [`PointError::Full`] if there is none, [`PointError::Closed`] when the bus and the receiver are gone.
    pub fn try_send(&self, message: &M) -> Result<(), PointError> {
        self.0.try_send(*message).map_err(|error| match error {
            TrySendError::Full(_) => PointError::Full,
            TrySendError::Closed(_) => PointError::Closed,
        })
    }
}

/// The one receiver of a message. Made by [`Bus::receiver`](super::Bus::receiver). Once it is dropped, another one can be made, which
/// gets what was not received.
pub struct Receiver<M> {
    channel: Option<mpsc::Receiver<M>>,
    point: Weak<Point<M>>,
}

impl<M: Message> Receiver<M> {
    /// Waits for the next message; `None` once the bus and all senders are gone and everything was received. It is cancel safe.
    pub async fn recv(&mut self) -> Option<M> {
        self.channel.as_mut()?.recv().await
    }

    /// The next message, if there is one.
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
