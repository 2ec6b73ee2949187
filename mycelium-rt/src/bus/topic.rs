//! One message on a bus: its receivers, and its publishers.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::BusError;
use super::inbox::{Inbox, Origin, Push};
use crate::routing::MessageRef;
use crate::{Message, MessageInfo};

/// All receivers of one message.
pub(super) struct Topic {
    info: MessageInfo,
    inboxes: Mutex<Vec<Arc<Inbox>>>,
    /// Counts the changes of the list.
    changes: AtomicU64,
    dropped: AtomicU64,
}

impl Topic {
    pub(super) fn new(info: MessageInfo) -> Self {
        Self { info, inboxes: Mutex::default(), changes: AtomicU64::new(0), dropped: AtomicU64::new(0) }
    }

    pub(super) fn message(&self) -> MessageRef {
        MessageRef { id: self.info.id, name: self.info.name }
    }

    /// Refuses another message with the same id, and the same message with another layout: it would be mistaken for this one.
    pub(super) fn check(&self, other: &MessageInfo) -> Result<(), BusError> {
        let MessageInfo { id, name, .. } = self.info;
        if name != other.name {
            return Err(BusError::IdTaken { id, message: other.name, by: name });
        }
        if self.info.layouts.last() != other.layouts.last() {
            return Err(BusError::OtherLayout { message: name });
        }
        Ok(())
    }

    fn inboxes(&self) -> MutexGuard<'_, Vec<Arc<Inbox>>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, inbox: &Arc<Inbox>) {
        self.change(|inboxes| inboxes.push(Arc::clone(inbox)));
    }

    pub(super) fn remove(&self, inbox: &Inbox) {
        let removed = self.change(|inboxes| {
            let index = inboxes.iter().position(|other| std::ptr::eq(&**other, inbox));
            index.map(|index| inboxes.remove(index))
        });
        drop(removed);
    }

    /// Whether a link forwards it.
    pub(super) fn is_forwarded(&self) -> bool {
        self.inboxes().iter().any(|inbox| inbox.is_of_link())
    }

    /// Removes all receivers, and closes their inboxes.
    pub(super) fn close(&self) {
        let inboxes = self.change(std::mem::take);
        inboxes.iter().for_each(|inbox| inbox.close());
    }

    /// Changes the list. What is taken out is returned, to be closed and dropped after the lock is released: that wakes receivers, which
    /// may call this topic.
    fn change<T>(&self, change: impl FnOnce(&mut Vec<Arc<Inbox>>) -> T) -> T {
        let mut inboxes = self.inboxes();
        let taken = change(&mut inboxes);
        // Partner: the load in `PublisherSet::renew_if_changed`, so that a message that is published after the change sees it.
        self.changes.fetch_add(1, Ordering::Release);
        taken
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    #[cold]
    fn note_dropped(&self, messages: usize) {
        self.dropped.fetch_add(messages as u64, Ordering::Relaxed);
    }

    pub(super) fn receivers(&self) -> usize {
        self.inboxes().len()
    }
}

/// The publishing end of a topic: a copy of its list of inboxes, which is renewed after changes.
#[derive(Clone)]
pub(super) struct PublisherSet {
    topic: Arc<Topic>,
    inboxes: Vec<Arc<Inbox>>,
    seen: u64,
}

impl PublisherSet {
    pub(super) fn new(topic: Arc<Topic>) -> Self {
        // A count that no topic ever has.
        Self { topic, inboxes: Vec::new(), seen: u64::MAX }
    }

    pub(super) fn is_of<M: Message>(&self) -> bool {
        self.topic.info.id == M::ID && self.topic.check(&MessageInfo::of::<M>()).is_ok()
    }

    /// Pushes a body to all receivers. Returns the number that had room for it.
    #[inline]
    pub(super) fn publish(&mut self, id: u16, body: &[u8], origin: Origin) -> usize {
        self.renew_if_changed();
        let mut reached = 0;
        for inbox in &self.inboxes {
            match inbox.push(id, body, origin) {
                Push::Taken => reached += 1,
                Push::Full => self.topic.note_dropped(1),
                Push::NotForIt => {}
            }
        }
        reached
    }

    /// Pushes messages to all receivers. Returns how many were taken, over all of them.
    fn publish_all<M: Message>(&mut self, messages: &[M]) -> usize {
        self.renew_if_changed();
        let mut reached = 0;
        for inbox in &self.inboxes {
            let (taken, full) = inbox.push_all(messages);
            reached += taken;
            if full > 0 {
                self.topic.note_dropped(full);
            }
        }
        reached
    }

    #[inline]
    fn renew_if_changed(&mut self) {
        // Partner: the change in `Topic::change`.
        let changes = self.topic.changes.load(Ordering::Acquire);
        if changes != self.seen {
            self.renew(changes);
        }
    }

    #[cold]
    fn renew(&mut self, changes: u64) {
        let inboxes = self.topic.inboxes().clone();
        // The old list is dropped here, where no lock is held.
        self.inboxes = inboxes;
        // After a change between the two, the next message renews it again.
        self.seen = changes;
    }
}

/// Publishes messages of one type to all that have subscribed. Made by [`Bus::publisher`](super::Bus::publisher).
///
/// Without subscribers a message goes nowhere. Publishing does not allocate.
#[derive(Clone)]
pub struct Publisher<M> {
    publishers: PublisherSet,
    message: PhantomData<fn(&M)>,
}

impl<M: Message> Publisher<M> {
    pub(super) fn new(publishers: PublisherSet) -> Self {
        Self { publishers, message: PhantomData }
    }

    /// Publishes `message` to every subscriber, service and link of its topic, and never waits. Returns the number that had room for it; the
    /// others see the gap.
    #[inline]
    pub fn publish(&mut self, message: &M) -> usize {
        self.publishers.publish(M::ID, message.as_bytes(), Origin::Here)
    }

    /// Publishes many messages at once: as [`publish`](Self::publish) does one by one, but each receiver is locked once and woken once, and no
    /// message of another publisher comes in between. Returns how many were taken, over all receivers. Of more messages than a receiver has
    /// room for the first ones are taken, and it sees the gap behind them.
    ///
    /// ```
    /// use contracts::Signal;
    /// use mycelium_rt::bus::{Bus, BusError};
    ///
    /// let bus = Bus::new();
    /// let mut signals = bus.subscribe::<Signal>()?;
    /// let mut publisher = bus.publisher::<Signal>()?;
    /// assert_eq!(publisher.send_all(&[Signal::default(); 10]), 10);
    /// assert_eq!(signals.try_recv(), Some(Ok(Signal::default())));
    /// # Ok::<(), BusError>(())
    /// ```
    pub fn send_all(&mut self, messages: &[M]) -> usize {
        self.publishers.publish_all(messages)
    }
}

impl<M: Message> fmt::Debug for Publisher<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("message", &M::NAME).finish_non_exhaustive()
    }
}

/// The counters of one topic of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicStats {
    /// The message.
    pub message: MessageRef,
    /// The number of subscribers, services and links that receive it.
    pub receivers: usize,
    /// Messages for which receivers had no room, each counted once per receiver.
    pub dropped: u64,
}
