//! Where messages wait for one receiver: a ring whose sending end is shared by all publishers.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::BusError;
use crate::Message;
use crate::ring::{Consumer, Producer, task_queue};

/// A reply on its way back to the requester.
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
/// No foreign code runs under its lock: a waker may do anything, even drop the receiver, which calls this inbox. So wakers are called, and
/// values of others are dropped, after the lock is released.
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
        // Partner: `count`. Releases what was pushed before.
        self.0.fetch_add(1, Ordering::Release);
    }

    /// The number so far. A reader that checks the ring afterwards sees what was pushed before these.
    pub(super) fn count(&self) -> u64 {
        // Partner: `note`.
        self.0.load(Ordering::Acquire)
    }
}

/// What kind of receiver an inbox belongs to.
pub(super) enum Kind {
    Subscriber,
    /// Its messages are work of the services of a runtime.
    Service(Arc<Busy>),
    /// It leads off the bus, and takes no message that came in by an input.
    #[cfg_attr(not(feature = "net"), allow(dead_code))]
    Link,
}

struct End {
    /// `None` once it is closed.
    producer: Option<Producer>,
    /// Where replies go, by the number of the request in the ring.
    requesters: VecDeque<(u64, oneshot::Sender<Reply>)>,
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

/// Why a request was not pushed.
pub(super) enum RequestRefused {
    Full,
    Closed,
}

impl Inbox {
    /// An inbox for `capacity` messages of up to `size` bytes, and its receiving end.
    pub(super) fn new(capacity: usize, size: usize, kind: Kind) -> Result<(Arc<Self>, Consumer), BusError> {
        let ring = task_queue(capacity, size);
        let (producer, consumer) = ring.map_err(|reason| BusError::Ring { capacity, size, reason })?;
        let end = End { producer: Some(producer), requesters: VecDeque::new() };
        Ok((Arc::new(Self { end: Mutex::new(end), dropped: Arc::default(), kind }), consumer))
    }

    pub(super) fn is_of_link(&self) -> bool {
        matches!(self.kind, Kind::Link)
    }

    fn end(&self) -> MutexGuard<'_, End> {
        // Nothing panics between changes that belong together, so a poisoned lock guards a consistent state.
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pushes a message, and wakes the receiver. Without room it is lost, and the next one tells the receiver.
    #[inline]
    pub(super) fn push(&self, id: u16, body: &[u8], origin: Origin) -> Push {
        if origin == Origin::Elsewhere && self.is_of_link() {
            return Push::NotForIt;
        }
        let mut end = self.end();
        let Some(producer) = &mut end.producer else { return Push::NotForIt };
        // Counted before the receiver can have handled it.
        self.begin(1);
        if producer.push_bytes(id, body).is_ok() {
            let waiting = producer.flush_quietly();
            drop(end);
            if let Some(waker) = waiting {
                waker.wake();
            }
            return Push::Taken;
        }
        producer.note_lost(1);
        // Under the lock, so that it is counted before the next push.
        self.dropped.note();
        drop(end);
        self.done(1);
        Push::Full
    }

    /// Pushes messages as [`push`](Self::push) does one by one, but locks once, and wakes the receiver once. Returns how many were taken, and
    /// for how many there was no room.
    pub(super) fn push_all<M: Message>(&self, messages: &[M]) -> (usize, usize) {
        let mut end = self.end();
        let Some(producer) = &mut end.producer else { return (0, 0) };
        // Counted before the receiver can have handled them.
        self.begin(messages.len());
        let (mut rest, mut full) = (messages, 0);
        while let [_, others @ ..] = rest {
            rest = match producer.try_push_all(rest) {
                // A ring takes at most as many as there are.
                Ok(taken) => rest.get(taken..).unwrap_or_default(),
                Err(_) => {
                    producer.note_lost(1);
                    // Under the lock, so that it is counted before the next push.
                    self.dropped.note();
                    full += 1;
                    others
                }
            };
        }
        let waiting = producer.flush_quietly();
        drop(end);
        if let Some(waker) = waiting {
            waker.wake();
        }
        if full > 0 {
            self.done(full);
        }
        (messages.len() - full, full)
    }

    /// Pushes a request; the reply comes by the channel.
    pub(super) fn request(&self, id: u16, body: &[u8]) -> Result<oneshot::Receiver<Reply>, RequestRefused> {
        let (requester, reply) = oneshot::channel();
        let mut end = self.end();
        let End { producer, requesters } = &mut *end;
        let producer = producer.as_mut().ok_or(RequestRefused::Closed)?;
        let number = producer.pushed();
        self.begin(1);
        if producer.push_bytes(id, body).is_err() {
            drop(end);
            self.done(1);
            return Err(RequestRefused::Full);
        }
        requesters.push_back((number, requester));
        let waiting = producer.flush_quietly();
        drop(end);
        if let Some(waker) = waiting {
            waker.wake();
        }
        Ok(reply)
    }

    /// Where the reply to the message with this number goes, if it is a request. To be called in the order of numbers.
    pub(super) fn requester(&self, number: u64) -> Option<oneshot::Sender<Reply>> {
        loop {
            let (waiting, requester) = self.next_requester(number)?;
            if waiting == number {
                return Some(requester);
            }
            // An earlier request without a reply: dropped here, where no lock is held.
        }
    }

    fn next_requester(&self, number: u64) -> Option<(u64, oneshot::Sender<Reply>)> {
        let requesters = &mut self.end().requesters;
        if requesters.front()?.0 <= number { requesters.pop_front() } else { None }
    }

    #[inline]
    fn begin(&self, messages: usize) {
        if let Kind::Service(busy) = &self.kind {
            busy.begin(messages);
        }
    }

    /// This many messages were handled, with all that followed from them.
    pub(super) fn done(&self, messages: usize) {
        if let Kind::Service(busy) = &self.kind {
            busy.done(messages);
        }
    }

    /// Takes no more messages. Those that are in it can still be received.
    pub(super) fn close(&self) {
        let producer = self.end().producer.take();
        // The drop wakes the receiver.
        drop(producer);
    }

    /// The number of messages that were lost for lack of room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.count()
    }

    /// The counter of these, for the receiver.
    pub(super) fn drop_counter(&self) -> Arc<Dropped> {
        Arc::clone(&self.dropped)
    }

    /// There will be no more replies. Requesters learn of it now, since publishers may keep this inbox for long.
    pub(super) fn dismiss_requesters(&self) {
        let requesters = std::mem::take(&mut self.end().requesters);
        drop(requesters);
    }
}

/// Counts the work of services: messages from when they are pushed into an inbox until they are handled, and calls of sources and timers.
///
/// What a handler emits is counted before the handler ends, so the count is zero only when no work is left anywhere.
#[derive(Debug, Default)]
pub(super) struct Busy {
    items: AtomicUsize,
    idle: Notify,
}

impl Busy {
    pub(super) fn begin(&self, items: usize) {
        // Relaxed: only a reader that sees the count fall looks at what was done. As a read-modify-write it continues the release
        // sequence of earlier changes.
        self.items.fetch_add(items, Ordering::Relaxed);
    }

    pub(super) fn done(&self, items: usize) {
        // Partner: `left`. Releases what was done, to a reader that sees no work left.
        if self.items.fetch_sub(items, Ordering::Release) == items {
            self.idle.notify_waiters();
        }
    }

    /// The amount of work left. What was done by then is visible to the caller.
    pub(super) fn left(&self) -> usize {
        // Partner: `done`.
        self.items.load(Ordering::Acquire)
    }

    /// Waits until no work is left.
    pub(super) async fn wait_idle(&self) {
        loop {
            // Every later `notify_waiters` wakes it, even before it is first polled.
            let idle = self.idle.notified();
            if self.left() == 0 {
                return;
            }
            idle.await;
        }
    }
}
