use std::fmt;
use std::marker::PhantomData;

use super::inbox::Origin;
use super::topic::PublisherSet;
use crate::Message;

/// Publishes messages of one type to whoever has subscribed. Made by [`Bus::publisher`](super::Bus::publisher).
///
/// One that nobody has subscribed to is fine: the message goes nowhere. Nothing is allocated per message.
#[derive(Clone)]
pub struct Publisher<M> {
    publishers: PublisherSet,
    message: PhantomData<fn(&M)>,
}

impl<M: Message> Publisher<M> {
    pub(super) fn new(publishers: PublisherSet) -> Self {
        Self { publishers, message: PhantomData }
    }

    /// Hands `message` to every subscriber, service and link that gets it, and never waits. Returns how many had room for it; those
    /// that had not see the gap.
    #[inline]
    pub fn publish(&mut self, message: &M) -> usize {
        self.publishers.publish(M::ID, message.as_bytes(), Origin::Here)
    }
}

impl<M: Message> fmt::Debug for Publisher<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("message", &M::NAME).finish_non_exhaustive()
    }
}
