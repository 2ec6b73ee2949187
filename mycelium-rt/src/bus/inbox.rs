//! Where messages wait for one receiver: a ring whose sending end is shared by all who publish.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::BusError;
use super::busy::Busy;
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
pub(super) struct Inbox {
    end: Mutex<End>,
    dropped: AtomicU64,
    kind: Kind,
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
        Ok((Arc::new(Self { end: Mutex::new(end), dropped: AtomicU64::new(0), kind }), consumer))
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
            producer.flush();
            return Push::Taken;
        }
        producer.note_lost(1);
        drop(end);
        self.done(1);
        self.dropped.fetch_add(1, Ordering::Relaxed);
        Push::Full
    }

    /// Puts a request in; the reply comes by the channel.
    pub(super) fn ask(&self, id: u16, body: &[u8]) -> Result<oneshot::Receiver<Reply>, AskError> {
        let mut end = self.end();
        let End { producer, askers } = &mut *end;
        let producer = producer.as_mut().ok_or(AskError::Closed)?;
        let number = producer.pushed();
        self.begin();
        if producer.push_bytes(id, body).is_err() {
            self.done(1);
            return Err(AskError::Full);
        }
        let (asker, reply) = oneshot::channel();
        askers.push_back((number, asker));
        producer.flush();
        Ok(reply)
    }

    /// Who waits for the reply to the message of this number, if it is a request. Numbers are asked for in order.
    pub(super) fn asker(&self, number: u64) -> Option<oneshot::Sender<Reply>> {
        let askers = &mut self.end().askers;
        while askers.front().is_some_and(|(earlier, _)| *earlier < number) {
            askers.pop_front();
        }
        match askers.front() {
            Some((waiting, _)) if *waiting == number => askers.pop_front().map(|(_, asker)| asker),
            _ => None,
        }
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
        self.end().producer = None;
    }

    /// Messages that were lost here for lack of room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Nobody will reply any more. Who waits learns of it now: publishers may hold on to this inbox for long.
    pub(super) fn dismiss_askers(&self) {
        self.end().askers.clear();
    }
}
