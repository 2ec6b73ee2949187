//! Feeding a system from outside.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::end::Control;
use super::rest::LaneWaker;
use crate::link::report::Report;
use crate::link::transport::threads::Others;
use crate::link::{Batch, Counters, OnFull, RingSender, SendError};
use crate::notice::Notices;
use crate::ring::{self, Consumer};
use crate::{Message, MessageInfo};

/// Senders that one lane serves at once, at most: so much memory and so many looks in each turn they may cost.
pub const MAX_SENDERS: usize = 256;

/// Messages that each sender's ring to a lane holds.
const ROOM: usize = 1024;

/// Where a lane learns of senders.
#[derive(Debug)]
pub(super) struct SenderRegistry {
    lane: &'static str,
    waker: Arc<LaneWaker>,
    notices: Notices,
    /// Senders that the lane has not taken in yet.
    arrivals: Mutex<Arrivals>,
    /// Changes with each arrival.
    changes: AtomicUsize,
    /// Rings that the lane serves, those to come included.
    open: AtomicUsize,
}

#[derive(Debug, Default)]
struct Arrivals {
    waiting: Vec<NewSender>,
    shut: bool,
}

/// A new sender's ring.
#[derive(Debug)]
pub(super) struct NewSender {
    pub(super) consumer: Consumer,
    pub(super) slot: Arc<SenderSlot>,
}

/// The sending end of one sender's ring to one lane, which the lane can take away.
///
/// The lock is the sender's own but for that one moment, so it costs a sender some nanoseconds and never a wait; in return every message
/// is either in the ring before it closes, and delivered, or refused.
#[derive(Debug)]
pub(super) struct SenderSlot {
    sender: Mutex<Option<RingSender>>,
    /// Set when the lane wants the sender: who sees it does not begin to send.
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

    /// Takes the sender away, unless it is just sending: then the lane goes on and tries again.
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

    /// Takes the sender away; waits for a send that is under way, which ends as the other end of the ring is gone.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Messages sent, ever.
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
            arrivals: Mutex::default(),
            changes: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        }
    }

    /// Changes whenever somebody waits at the door.
    #[inline(always)]
    pub(super) fn changes(&self) -> usize {
        // Partner: `enter`. Who waits is looked up under the lock, hence `Relaxed`; before a sleep the waker orders it.
        self.changes.load(Ordering::Relaxed)
    }

    /// Lets in whoever waits.
    pub(super) fn arrivals(&self) -> Vec<NewSender> {
        std::mem::take(&mut self.lock().waiting)
    }

    /// Lets nobody in any more. Returns who is still waiting.
    pub(super) fn shut(&self) -> Vec<NewSender> {
        let mut arrivals = self.lock();
        arrivals.shut = true;
        std::mem::take(&mut arrivals.waiting)
    }

    /// A ring is served no longer.
    pub(super) fn left(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    fn enter<M: Message>(&self, control: &Control) -> Result<Arc<SenderSlot>, SendError> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= MAX_SENDERS {
            self.left();
            return Err(SendError::TooMany);
        }
        let ring = ring::queue(ROOM, MessageInfo::of::<M>().size());
        let Ok((producer, consumer)) = ring else {
            // Never: a body's bound is below that of a ring.
            self.left();
            return Err(SendError::TooMany);
        };
        let report = Report::new(format!("a sender of `{}` to lane `{}`", M::NAME, self.lane), self.notices.clone());
        let (on_full, batch, counters) = (OnFull::Block, Batch::low_latency(), Counters::default());
        let sender = RingSender::new(on_full, batch, producer, report, counters)
            .with_others(control.schedule.clone().map(Others::All));
        control.interrupt_at_deadline(sender.interrupt());
        let counters = sender.counters().clone();
        let slot = Arc::new(SenderSlot { sender: Mutex::new(Some(sender)), closing: AtomicBool::new(false), counters });
        let mut arrivals = self.lock();
        if arrivals.shut {
            drop(arrivals);
            self.left();
            return Err(SendError::Closed);
        }
        arrivals.waiting.push(NewSender { consumer, slot: Arc::clone(&slot) });
        drop(arrivals);
        // Partner: `changes`.
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.waker.notify();
        Ok(slot)
    }

    fn lock(&self) -> impl std::ops::DerefMut<Target = Arrivals> + '_ {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lanes that a sender may reach, and what it has to tell.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) control: Arc<Control>,
    pub(super) registries: Box<[Arc<SenderRegistry>]>,
}

/// Feeds messages of one type to a running system, from any thread. Made by [`Running::sender`](super::Running::sender).
///
/// Each sender has a ring of its own, for 1,024 messages, to every lane that has a receiver of `M`, so senders on different threads never
/// contend; a clone has rings of its own too. What one sender sends arrives in its order; different senders are independent.
///
/// A sender that is alive keeps a system running that would otherwise end by itself, see [`Running::join`](super::Running::join).
/// It must not send from a handler of the lane that it feeds: with a full ring, that would wait for itself.
#[derive(Debug)]
pub struct Sender<M: Message> {
    slots: Result<Box<[Arc<SenderSlot>]>, SendError>,
    admission: Arc<Admission>,
    lanes: &'static [usize],
    /// Whether the system waits for this sender.
    counted: bool,
    message: PhantomData<fn(&M)>,
}

impl<M: Message> Sender<M> {
    pub(super) fn new(admission: Arc<Admission>, lanes: &'static [usize]) -> Self {
        let counted = admission.control.add_producer();
        let slots = if counted { enter_all::<M>(&admission, lanes) } else { Err(SendError::Closed) };
        Self { slots, admission, lanes, counted, message: PhantomData }
    }

    /// Sends a message to every lane that has a receiver of it, in declared order; waits as long as a lane's ring is full.
    ///
    /// # Errors
    /// - [`SendError::Closed`] once a lane takes nothing from outside any more, since the system shuts down.
    /// - [`SendError::PeerGone`] if a lane has stopped, [`SendError::Interrupted`] if it waited when the deadline of the shutdown passed.
    /// - [`SendError::TooMany`] if there were [`MAX_SENDERS`] already when this one was made.
    ///
    /// Of several lanes, those before the one that did not take the message have got it.
    pub fn send(&self, message: &M) -> Result<(), SendError> {
        let slots = self.slots.as_ref().map_err(|error| *error)?;
        slots.iter().try_for_each(|slot| slot.send(message))
    }
}

fn enter_all<M: Message>(admission: &Admission, lanes: &[usize]) -> Result<Box<[Arc<SenderSlot>]>, SendError> {
    let registries = lanes.iter().filter_map(|lane| admission.registries.get(*lane));
    let mut slots = Vec::with_capacity(lanes.len());
    for registries in registries {
        match registries.enter::<M>(&admission.control) {
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
