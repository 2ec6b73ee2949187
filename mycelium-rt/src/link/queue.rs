//! `via queue(N)`: a ring between a router and one of its services, both driven by one thread.

use core::fmt;

use super::report::Report;
use super::{Config, ConfigError, Counters, LinkError, LinkStats, OnFull};
use crate::Message;
use crate::message::MessageInfo;
use crate::notice::{self, Notices};
use crate::ring::{self, Consumer, Producer, PushError};
use crate::routing::{Handed, Handled, Source, Timer};

/// The sending end of the queue of one service.
#[derive(Debug)]
pub struct QueueSender {
    producer: Producer,
    room: usize,
    report: Report,
    counters: Counters,
}

/// The receiving end of the queue of one service.
#[derive(Debug)]
pub struct QueueReceiver {
    consumer: Consumer,
    taken: u64,
    service: &'static str,
    notices: Notices,
    counters: Counters,
}

/// The error of a full queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    room: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`queue({})` is full, message lost", self.room)
    }
}

/// A queue to `service` with room for `room` of these messages.
///
/// # Errors
/// The queue would be larger than a ring can be.
pub fn queue(
    config: &Config,
    service: &'static str,
    room: usize,
    messages: &[MessageInfo],
) -> Result<(QueueSender, QueueReceiver), LinkError> {
    let (producer, consumer) = ring::queue(room, largest(messages))
        .map_err(|error| ConfigError::Contract { link: service.to_owned(), reason: error.to_string() })?;
    let notices = config.notices();
    let report = Report::new(format!("the queue of `{service}`"), notices.clone());
    Ok((
        QueueSender { producer, room, report, counters: config.counters() },
        QueueReceiver { consumer, taken: 0, service, notices, counters: config.counters() },
    ))
}

/// The queue through which a router that is driven by one thread passes messages back to an earlier service, which would be
/// on another lane if the router had lanes; none if nothing is ever passed back.
pub fn back_queue(
    config: &Config,
    is_needed: bool,
    service: &'static str,
    messages: &[MessageInfo],
) -> (Option<QueueSender>, Option<QueueReceiver>) {
    /// As much as there is room for between two lanes, which is never more than a ring can hold.
    const ROOM: usize = 1024;
    let queue = is_needed.then(|| queue(config, service, ROOM, messages).ok()).flatten();
    queue.unzip()
}

/// The size of the largest of these messages.
pub fn largest(messages: &[MessageInfo]) -> usize {
    messages.iter().map(MessageInfo::size).max().unwrap_or(0)
}

/// The room for what a task emits: as much as for what it receives, at least 256, and none if it emits nothing.
pub fn outbox(handled: &[Handled], sources: &[Source], timers: &[Timer], room: usize) -> usize {
    let emits = handled.iter().any(|handled| !handled.emits.is_empty())
        || sources.iter().any(|source| !source.emits.is_empty())
        || timers.iter().any(|timer| !timer.emits.is_empty());
    if emits { room.max(256) } else { 0 }
}

/// A message as it is stored in a queue.
#[inline]
pub fn queued<M: Message>(body: Handed<'_>) -> Option<&M> {
    body.message().ok()
}

impl QueueSender {
    /// Queues a message.
    ///
    /// One thread drives both ends and could wait for ever, so a full queue is an error under `block` as well.
    ///
    /// # Errors
    /// The queue is full, and the policy does not drop the message silently.
    #[inline]
    pub fn send<M: Message>(&mut self, message: &M, on_full: OnFull) -> Result<(), Full> {
        match self.producer.try_push(message) {
            Ok(()) => {
                self.counters.sent.add(1);
                Ok(())
            }
            Err(error) => self.refuse(error, on_full),
        }
    }

    #[cold]
    fn refuse(&mut self, _: PushError, on_full: OnFull) -> Result<(), Full> {
        self.producer.note_lost(1);
        self.report.dropped(1, on_full, None);
        if on_full == OnFull::DropNewest {
            self.counters.dropped_newest.add(1);
            return Ok(());
        }
        self.counters.dropped_error.add(1);
        Err(Full { room: self.room })
    }

    /// The number of messages queued so far.
    pub fn queued(&self) -> u64 {
        self.producer.pushed()
    }

    /// The live counters of this end, for other threads to read.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The counters of this end and of `receiver`, added up.
    pub fn stats(&self, receiver: &QueueReceiver) -> LinkStats {
        let mut stats = self.counters.snapshot();
        stats += receiver.counters.snapshot();
        stats
    }
}

impl QueueReceiver {
    /// The live counters of this end, for other threads to read.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The number of messages up to the one numbered `end` that have not been taken.
    pub fn left(&self, end: u64) -> u64 {
        end.saturating_sub(self.taken)
    }

    /// Delivers what has been queued up to the message numbered `end`, so that what is queued meanwhile waits for the next
    /// call. Stops once `goes_on`, which is asked before each message, returns false. Returns the number of messages
    /// delivered.
    #[inline]
    pub fn poll_while(
        &mut self,
        goes_on: impl Fn() -> bool,
        end: u64,
        mut deliver: impl FnMut(u16, Handed<'_>),
    ) -> usize {
        let waiting = usize::try_from(end.saturating_sub(self.taken)).unwrap_or(usize::MAX);
        if waiting == 0 || !goes_on() {
            return 0;
        }
        let Self { consumer, taken, counters, .. } = self;
        let before = *taken;
        let _ = consumer.try_poll(waiting, |frame| {
            // Counted before the call, as everything here: a message whose handler panics was taken.
            *taken += 1;
            counters.received.add(1);
            counters.gaps.add(u64::from(frame.lost));
            deliver(frame.type_id, Handed::new(frame.body));
            if goes_on() { Ok(()) } else { Err(()) }
        });
        (*taken - before) as usize
    }
}

impl Drop for QueueReceiver {
    /// What is still queued is lost with its router.
    fn drop(&mut self) {
        let left = self.consumer.poll(usize::MAX, |_| ());
        if left > 0 {
            let service = self.service;
            notice::warning!(self.notices, service, left, "a queue ended with messages in it");
        }
    }
}
