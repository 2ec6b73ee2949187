//! tokio's broadcast channel, used by one task for both ends: the counterpart of the bus in one thread.

use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::port::{Body, read};

/// A sender and its receivers.
pub struct Broadcast<const W: usize> {
    sender: Sender<Body<W>>,
    receivers: Vec<Receiver<Body<W>>>,
}

impl<const W: usize> Broadcast<W> {
    /// With this many receivers.
    pub fn new(receivers: usize) -> Self {
        let (sender, _) = channel(64);
        let receivers = (0..receivers).map(|_| sender.subscribe()).collect();
        Self { sender, receivers }
    }

    /// Sends a message, and receives it at each receiver.
    pub fn publish(&mut self, body: &Body<W>) -> u64 {
        let _ = self.sender.send(*body);
        self.receivers.iter_mut().filter_map(|receiver| receiver.try_recv().ok()).fold(0, |sum, body| sum ^ read(&body))
    }
}
