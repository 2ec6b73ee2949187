//! Point to point: any number of senders, one receiver, and no loss.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{BusError, PointError};
use crate::Message;
use crate::link::SendAllError;

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

    /// Sends many messages: as [`send`](Self::send) does one by one, but takes the room that there is at once. Waits for room as often as
    /// needed. If the future is dropped before it is ready, the first of the messages may have been sent.
    ///
    /// ```
    /// use contracts::Signal;
    /// use mycelium_rt::bus::Bus;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let bus = Bus::new();
    /// let signals = bus.sender::<Signal>();
    /// signals.send_all(&[Signal::default(); 10]).await?;
    /// assert!(bus.receiver::<Signal>()?.try_recv().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PointError::Closed`] when the bus and the receiver are gone, with the number of messages sent before.
    pub async fn send_all(&self, messages: &[M]) -> Result<(), SendAllError<PointError>> {
        let mut rest = messages;
        while !rest.is_empty() {
            let permits = self.0.reserve_many(self.room_for(rest)).await;
            let mut permits = permits.map_err(|_| failed(messages, rest, PointError::Closed))?;
            rest = fill(&mut permits, rest);
        }
        Ok(())
    }

    /// Sends many messages: as [`try_send`](Self::try_send) does one by one, until one is not sent, but takes the room that there is at once.
    ///
    /// # Errors
    /// Those of [`try_send`](Self::try_send), with the number of messages sent before.
    pub fn try_send_all(&self, messages: &[M]) -> Result<(), SendAllError<PointError>> {
        let mut rest = messages;
        while !rest.is_empty() {
            let permits = match self.0.try_reserve_many(self.room_for(rest)) {
                // Another sender was faster: is there room for one?
                Err(TrySendError::Full(())) => self.0.try_reserve_many(1),
                permits => permits,
            };
            let mut permits = permits.map_err(|error| match error {
                TrySendError::Full(()) => failed(messages, rest, PointError::Full),
                TrySendError::Closed(()) => failed(messages, rest, PointError::Closed),
            })?;
            rest = fill(&mut permits, rest);
        }
        Ok(())
    }

    /// The number of these messages for which there is room now, or 1.
    fn room_for(&self, messages: &[M]) -> usize {
        self.0.capacity().clamp(1, messages.len().max(1))
    }
}

/// Sends as many messages as there are permits; returns the rest.
fn fill<'a, M: Message>(permits: &mut mpsc::PermitIterator<'_, M>, messages: &'a [M]) -> &'a [M] {
    let mut rest = messages.iter();
    for (permit, message) in permits.zip(rest.by_ref()) {
        permit.send(*message);
    }
    rest.as_slice()
}

fn failed<M>(messages: &[M], rest: &[M], reason: PointError) -> SendAllError<PointError> {
    SendAllError { sent: messages.len() - rest.len(), reason }
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
