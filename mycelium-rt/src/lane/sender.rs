//! Senders: how threads outside of a system feed it.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::end::Control;
use super::rest::LaneWaker;
use crate::link::report::Report;
use crate::link::transport::threads::Others;
use crate::link::{Batch, Counters, OnFull, RingSender, SendAllError, SendError};
use crate::notice::Notices;
use crate::ring::{self, Consumer};
use crate::{Message, MessageInfo};

/// The most senders that one lane serves at once, which bounds their memory, and the time that each turn spends on them.
pub const MAX_SENDERS: usize = 256;

/// The number of messages that each sender's ring to a lane holds.
const ROOM: usize = 1024;

/// Where a lane learns of new senders.
#[derive(Debug)]
pub(super) struct SenderRegistry {
    lane: &'static str,
    waker: Arc<LaneWaker>,
    notices: Notices,
    /// Senders that the lane does not serve yet.
    new_senders: Mutex<NewSenders>,
    /// Counts new senders.
    changes: AtomicUsize,
    /// The number of rings that the lane serves, or is about to.
    open: AtomicUsize,
}

#[derive(Debug, Default)]
struct NewSenders {
    waiting: Vec<NewSender>,
    closed: bool,
}

/// A new sender's ring.
#[derive(Debug)]
pub(super) struct NewSender {
    pub(super) consumer: Consumer,
    pub(super) slot: Arc<SenderSlot>,
}

/// The sending end of one sender's ring to one lane, which the lane can take away.
///
/// Only the sender takes the lock, except for that one moment, so it costs a sender some nanoseconds and never a wait. In return every
/// message is either in the ring before it closes, and delivered, or refused.
#[derive(Debug)]
pub(super) struct SenderSlot {
    sender: Mutex<Option<RingSender>>,
    /// Set when the lane wants the sending end: no send begins after that is seen.
    closing: AtomicBool,
    counters: Counters,
}

impl SenderSlot {
    fn send<M: Message>(&self, message: &M) -> Result<(), SendError> {
        // Only a hint that spares the lane a wait, hence `Relaxed`.
        if self.closing.load(Ordering::Relaxed) {
            return Err(SendError::Closed);
        }
        match &mut *self.sender.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(sender) => sender.send(message),
            None => Err(SendError::Closed),
        }
    }

    fn send_all<M: Message>(&self, messages: &[M]) -> Result<(), SendAllError> {
        let mut sent = 0;
        // A ring's fill at a time, so that a lane that closes waits no longer than for that.
        for part in messages.chunks(ROOM) {
            let result = match &mut *self.sender.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(sender) if !self.closing.load(Ordering::Relaxed) => sender.send_all(part),
                _ => Err(SendAllError { sent: 0, reason: SendError::Closed }),
            };
            result.map_err(|error| SendAllError { sent: sent + error.sent, ..error })?;
            sent += part.len();
        }
        Ok(())
    }

    /// Takes the sending end away, unless a send is in progress: then the lane goes on and tries again.
    pub(super) fn try_close(&self) -> bool {
        self.closing.store(true, Ordering::Relaxed);
        match self.sender.try_lock() {
            Ok(mut sender) => {
                *sender = None;
                true
            }
            Err(std::sync::TryLockError::Poisoned(poisoned)) => {
                *poisoned.into_inner() = None;
                true
            }
            Err(std::sync::TryLockError::WouldBlock) => false,
        }
    }

    /// Takes the sending end away. Waits for a send in progress, which ends since the receiving end is gone.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The number of messages sent, ever.
    pub(super) fn sent(&self) -> u64 {
        self.counters.sent.get()
    }
}

impl SenderRegistry {
    pub(super) fn new(lane: &'static str, waker: Arc<LaneWaker>, notices: Notices) -> Self {
        Self {
            lane,
            waker,
            notices,
            new_senders: Mutex::default(),
            changes: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        }
    }

    /// Changes whenever a sender is added.
    #[inline(always)]
    pub(super) fn changes(&self) -> usize {
        // Partner: `register`. The senders are read under the lock, hence `Relaxed`; before a sleep the waker orders it.
        self.changes.load(Ordering::Relaxed)
    }

    /// Takes the senders that were added.
    pub(super) fn take_new(&self) -> Vec<NewSender> {
        std::mem::take(&mut self.lock().waiting)
    }

    /// Admits no more senders. Takes those that were added.
    pub(super) fn close(&self) -> Vec<NewSender> {
        let mut new = self.lock();
        new.closed = true;
        std::mem::take(&mut new.waiting)
    }

    /// A ring is no longer served.
    pub(super) fn release(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    fn register<M: Message>(&self, control: &Control) -> Result<Arc<SenderSlot>, SendError> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= MAX_SENDERS {
            self.release();
            return Err(SendError::TooMany);
        }
        let ring = ring::queue(ROOM, MessageInfo::of::<M>().size());
        let Ok((producer, consumer)) = ring else {
            // Never happens: the largest body is below the limit of a ring.
            self.release();
            return Err(SendError::TooMany);
        };
        let report = Report::new(format!("a sender of `{}` to lane `{}`", M::NAME, self.lane), self.notices.clone());
        let (on_full, batch, counters) = (OnFull::Block, Batch::low_latency(), Counters::default());
        let sender = RingSender::new(on_full, batch, producer, report, counters)
            .with_others(control.schedule.clone().map(Others::All));
        control.interrupt_at_deadline(sender.interrupt());
        let counters = sender.counters().clone();
        let slot = Arc::new(SenderSlot { sender: Mutex::new(Some(sender)), closing: AtomicBool::new(false), counters });
        let mut new = self.lock();
        if new.closed {
            drop(new);
            self.release();
            return Err(SendError::Closed);
        }
        new.waiting.push(NewSender { consumer, slot: Arc::clone(&slot) });
        drop(new);
        // Partner: `changes`.
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.waker.notify();
        Ok(slot)
    }

    fn lock(&self) -> impl std::ops::DerefMut<Target = NewSenders> + '_ {
        self.new_senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a sender needs of its system: the lanes that it can reach, and where it counts as a producer.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) control: Arc<Control>,
    pub(super) registries: Box<[Arc<SenderRegistry>]>,
}

/// Feeds messages of one type to a running system, from any thread. Made by [`Running::sender`](super::Running::sender).
///
/// Each sender has a ring of its own, for 1,024 messages, to every lane that has a receiver of `M`, so senders on different threads never
/// contend; a clone has rings of its own, too. Messages of one sender arrive in order; different senders are independent.
///
/// A sender that is alive keeps a system running that would otherwise end by itself, see [`Running::join`](super::Running::join).
/// Don't send from a handler of the lane that the sender feeds: with a full ring, the lane would wait for itself.
#[derive(Debug)]
pub struct Sender<M: Message> {
    slots: Result<Box<[Arc<SenderSlot>]>, SendError>,
    admission: Arc<Admission>,
    lanes: &'static [usize],
    /// Whether it counts as a producer.
    counted: bool,
    message: PhantomData<fn(&M)>,
}

impl<M: Message> Sender<M> {
    pub(super) fn new(admission: Arc<Admission>, lanes: &'static [usize]) -> Self {
        let counted = admission.control.add_producer();
        let slots = if counted { register_all::<M>(&admission, lanes) } else { Err(SendError::Closed) };
        Self { slots, admission, lanes, counted, message: PhantomData }
    }

    /// Sends a message to every lane that has a receiver of it, in declared order. Waits while the ring of a lane is full.
    ///
    /// # Errors
    /// - [`SendError::Closed`] once a lane takes nothing more from outside, since the system shuts down.
    /// - [`SendError::PeerGone`] if a lane has stopped, [`SendError::Interrupted`] if it waited when the deadline of the shutdown passed.
    /// - [`SendError::TooMany`] if there were [`MAX_SENDERS`] already when this one was made.
    ///
    /// Of several lanes, those before the one that did not take the message have received it.
    pub fn send(&self, message: &M) -> Result<(), SendError> {
        let slots = self.slots.as_ref().map_err(|error| *error)?;
        slots.iter().try_for_each(|slot| slot.send(message))
    }

    /// Sends many messages at once: as [`send`](Self::send) does one by one, until one is not sent. But each lane is woken once, and sees
    /// them in groups of up to 64. Waits for room as often as needed, lane by lane.
    ///
    /// ```
    /// use contracts::Signal;
    /// use mycelium_rt::lane::Sender;
    /// use mycelium_rt::link::SendAllError;
    ///
    /// fn replay(day: &[Signal], signals: &Sender<Signal>) -> Result<(), SendAllError> {
    ///     signals.send_all(day)
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`send`](Self::send), with the number of messages that every lane has taken. Of several lanes, those before the one that did
    /// not take a message may have received more.
    pub fn send_all(&self, messages: &[M]) -> Result<(), SendAllError> {
        let slots = self.slots.as_ref().map_err(|reason| SendAllError { sent: 0, reason: *reason })?;
        let (mut messages, mut result) = (messages, Ok(()));
        for slot in slots {
            // No lane behind one that fails gets more than it, as if each message was sent to all lanes before the next one.
            if let Err(error) = slot.send_all(messages) {
                (messages, result) = (messages.get(..error.sent).unwrap_or_default(), Err(error));
            }
        }
        result
    }
}

fn register_all<M: Message>(admission: &Admission, lanes: &[usize]) -> Result<Box<[Arc<SenderSlot>]>, SendError> {
    let registries = lanes.iter().filter_map(|lane| admission.registries.get(*lane));
    let mut slots = Vec::with_capacity(lanes.len());
    for registry in registries {
        match registry.register::<M>(&admission.control) {
            Ok(slot) => slots.push(slot),
            Err(error) => {
                slots.iter().for_each(|slot: &Arc<SenderSlot>| slot.close());
                return Err(error);
            }
        }
    }
    Ok(slots.into())
}

impl<M: Message> Clone for Sender<M> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.admission), self.lanes)
    }
}

impl<M: Message> Drop for Sender<M> {
    fn drop(&mut self) {
        if let Ok(slots) = &self.slots {
            slots.iter().for_each(|slot| slot.close());
        }
        if self.counted {
            self.admission.control.remove_producer();
        }
    }
}
