//! Where messages wait for one receiver: a ring whose sending end is shared by all publishers.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::BusError;
use crate::ring::{Consumer, Producer, task_queue};

/// A reply, as it travels back.
pub(super) type Reply = Box<dyn Any + Send>;

/// Where a message was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// In this process.
    Here,
    /// Elsewhere; it came in by an input.
    Elsewhere,
}

/// The sending end of a subscription or of a service's queue.
///
/// Nothing of anybody else's runs under its lock: a waker may do anything, also drop the receiver, which comes back here. So who waits
/// is woken, and what others made is dropped, when the lock is free again.
pub(super) struct Inbox {
    end: Mutex<End>,
    dropped: Arc<Dropped>,
    kind: Kind,
}

/// Counts messages that one receiver had no room for, from the moment they are lost.
#[derive(Debug, Default)]
pub(super) struct Dropped(AtomicU64);

impl Dropped {
    fn note(&self) {
        // Partner: `count`. Releases what was put in before.
        self.0.fetch_add(1, Ordering::Release);
    }

    /// How many there are so far. What was put in before these is seen by who looks into the ring afterwards.
    pub(super) fn count(&self) -> u64 {
        // Partner: `note`.
        self.0.load(Ordering::Acquire)
    }
}

/// Whose inbox it is.
pub(super) enum Kind {
    Subscriber,
    /// Messages in it are work that the services of a runtime still have to do.
    Service(Arc<Busy>),
    /// It leads off the bus, and takes no message that came from elsewhere.
    Link,
}

struct End {
    /// `None` once it is closed.
    producer: Option<Producer>,
    /// Who waits for a reply, by the number of the request in the ring.
    askers: VecDeque<(u64, oneshot::Sender<Reply>)>,
}

/// What became of a message at one receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Push {
    Taken,
    /// There was no room.
    Full,
    /// The receiver takes no more messages, or none of this kind.
    NotForIt,
}

/// Why a request was not put in.
pub(super) enum AskError {
    Full,
    Closed,
}

impl Inbox {
    /// An inbox for `capacity` messages of up to `size` bytes, and the end that takes them out.
    pub(super) fn new(capacity: usize, size: usize, kind: Kind) -> Result<(Arc<Self>, Consumer), BusError> {
        let ring = task_queue(capacity, size);
        let (producer, consumer) = ring.map_err(|reason| BusError::Ring { capacity, size, reason })?;
        let end = End { producer: Some(producer), askers: VecDeque::new() };
        Ok((Arc::new(Self { end: Mutex::new(end), dropped: Arc::default(), kind }), consumer))
    }

    pub(super) fn is_of_link(&self) -> bool {
        matches!(self.kind, Kind::Link)
    }

    fn end(&self) -> MutexGuard<'_, End> {
        // Nothing in here panics half-way: what a panic elsewhere has left is whole.
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message in, and wakes the receiver. Where there is no room it is lost, and the receiver learns of it by the next one.
    #[inline]
    pub(super) fn push(&self, id: u16, body: &[u8], origin: Origin) -> Push {
        if origin == Origin::Elsewhere && self.is_of_link() {
            return Push::NotForIt;
        }
        let mut end = self.end();
        let Some(producer) = &mut end.producer else { return Push::NotForIt };
        // Before the receiver can have done it.
        self.begin();
        if producer.push_bytes(id, body).is_ok() {
            let waiting = producer.flush_quietly();
            drop(end);
            if let Some(waker) = waiting {
                waker.wake();
            }
            return Push::Taken;
        }
        producer.note_lost(1);
        // Under the lock, so that what is put in next comes after it.
        self.dropped.note();
        drop(end);
        self.done(1);
        Push::Full
    }

    /// Puts a request in; the reply comes by the channel.
    pub(super) fn ask(&self, id: u16, body: &[u8]) -> Result<oneshot::Receiver<Reply>, AskError> {
        let (asker, reply) = oneshot::channel();
        let mut end = self.end();
        let End { producer, askers } = &mut *end;
        let producer = producer.as_mut().ok_or(AskError::Closed)?;
        let number = producer.pushed();
        self.begin();
        if producer.push_bytes(id, body).is_err() {
            drop(end);
            self.done(1);
            return Err(AskError::Full);
        }
        askers.push_back((number, asker));
        let waiting = producer.flush_quietly();
        drop(end);
        if let Some(waker) = waiting {
            waker.wake();
        }
        Ok(reply)
    }

    /// Who waits for the reply to the message of this number, if it is a request. Numbers are asked for in order.
    pub(super) fn asker(&self, number: u64) -> Option<oneshot::Sender<Reply>> {
        loop {
            let (waiting, asker) = self.next_asker(number)?;
            if waiting == number {
                return Some(asker);
            }
            // One whose question nobody has replied to: it is dropped here, where no lock is held.
        }
    }

    fn next_asker(&self, number: u64) -> Option<(u64, oneshot::Sender<Reply>)> {
        self.end().askers.pop_front_if(|(waiting, _)| *waiting <= number)
    }

    #[inline]
    fn begin(&self) {
        if let Kind::Service(busy) = &self.kind {
            busy.begin();
        }
    }

    /// So many messages that were put in have been handled, with all that followed from them.
    pub(super) fn done(&self, messages: usize) {
        if let Kind::Service(busy) = &self.kind {
            busy.done(messages);
        }
    }

    /// Takes no more messages. What is in there can still be received.
    pub(super) fn close(&self) {
        let producer = self.end().producer.take();
        // It wakes the receiver.
        drop(producer);
    }

    /// Messages that were lost here for lack of room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.count()
    }

    /// The same, for the receiver to keep.
    pub(super) fn dropping(&self) -> Arc<Dropped> {
        Arc::clone(&self.dropped)
    }

    /// Nobody will reply any more. Who waits learns of it now: publishers may hold on to this inbox for long.
    pub(super) fn dismiss_askers(&self) {
        let askers = std::mem::take(&mut self.end().askers);
        drop(askers);
    }
}

/// Counts messages from being put into a service's inbox to the end of their handling, and turns of sources and timers.
///
/// What a handler emits is counted before the handler ends, so that the count is zero only when nothing is left anywhere.
#[derive(Debug, Default)]
pub(super) struct Busy {
    items: AtomicUsize,
    idle: Notify,
}

impl Busy {
    pub(super) fn begin(&self) {
        // A single variable has one order for all. Relaxed, for only who sees less looks at what was done; as a read-modify-write it
        // hands on what was released before.
        self.items.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn done(&self, items: usize) {
        // Partner: `left`. Releases what was done, to whoever sees that nothing is left.
        if self.items.fetch_sub(items, Ordering::Release) == items {
            self.idle.notify_waiters();
        }
    }

    /// What is left to do now. What is not has been done, as far as the caller can see.
    pub(super) fn left(&self) -> usize {
        // Partner: `done`.
        self.items.load(Ordering::Acquire)
    }

    /// Waits until nothing is left to do.
    pub(super) async fn wait_idle(&self) {
        loop {
            // It is woken by every `notify_waiters` from here on, before it is first polled too.
            let idle = self.idle.notified();
            if self.left() == 0 {
                return;
            }
            idle.await;
        }
    }
}
