//! How a lane rests, so that it misses nothing that arrives meanwhile.
//!
//! A lane that has found nothing to do for a while sleeps in the kernel. A message in one of its rings wakes it, or a notification
//! ([`LaneWaker::notify`]: a new sender, the end of the system, a clock that was set), or a descriptor or a time, which the kernel itself
//! watches.
//!
//! # The order of steps
//!
//! A lane (`executor/sleep.rs`)
//! 1. arms its waker ([`LaneWaker::arm`]),
//! 2. announces at each ring that it is about to sleep,
//! 3. passes one barrier for all rings ([`park`] does 2 to 4 for rings),
//! 4. checks again everything that could give it work: rings, new senders, the phase of the system, the clock, links and inputs,
//! 5. sleeps until it is notified, unless it has been since step 1 ([`LaneWaker::sleep`]).
//!
//! A producer first makes its work visible. Then it notifies the lane: always, or, at a ring, if it finds the announcement there.
//!
//! # Why no wake-up is lost
//!
//! - **Rings.** The announcement and the message are in two words of the ring. With a fence on the producer's side
//!   and the barrier of step 3 on the lane's, either step 4 sees the message or the producer sees the announcement; `ring` has the proof.
//! - **`notified`** is set by any thread and cleared by the lane alone, in step 1. Both are read-modify-writes, so they have one order. A
//!   notification before the arming is acquired by it, and step 4 sees the work. One after the arming is still set in step 5. A notifier
//!   that finds the flag set leaves the wake-up to the one that set it.
//! - **`on_descriptor`** is written by the lane before its final check of `notified`, and says where it will sleep: in `poll`, beside an
//!   eventfd, or parked. That check is a read-modify-write, too. A notification that it misses comes after it in the order of `notified`, and
//!   so sees `on_descriptor`. The eventfd and the token of a parked thread keep a wake-up for a sleeper that is not there yet.
//! - **Tasks** store the waker of their runtime before that final check, under a lock that the notifier takes as well.
//!
//! The models in `models.rs` go through all orders of events under loom, and `every_rule_is_needed` shows that each ordering and step
//! below is needed. There `model_notifier.rs` stands in for the kernel.
#![cfg_attr(all(test, mycelium_loom), allow(dead_code))]

#[cfg(all(test, mycelium_loom))]
mod models;
#[cfg_attr(all(test, mycelium_loom), path = "model_notifier.rs")]
mod notifier;
#[cfg(all(test, not(mycelium_loom)))]
mod tests;

use std::io;
// Not the models' own: a `Waker` is made of this one.
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use self::notifier::{Notifier, Sleeper};
use crate::link::wait::Interest;
use crate::ring::{self, Consumer, Ready};
#[cfg(feature = "tokio")]
use crate::sync::Mutex;
#[cfg(all(test, mycelium_loom))]
use crate::sync::weakening::{self, Rule};
use crate::sync::{AtomicBool, Ordering};

/// Wakes one lane: anyone that has something for the lane notifies it.
#[derive(Debug)]
pub(crate) struct LaneWaker {
    notified: AtomicBool,
    /// Whether the sleeper waits for descriptors, and thus for the notifier's own.
    on_descriptor: AtomicBool,
    notifier: Notifier,
    owner: Owner,
}

#[derive(Debug)]
enum Owner {
    Thread(Sleeper),
    #[cfg(feature = "tokio")]
    Task(Mutex<Option<Waker>>),
}

impl LaneWaker {
    pub(crate) fn for_thread() -> io::Result<Arc<Self>> {
        Self::new(Owner::Thread(Sleeper::default()))
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn for_task() -> io::Result<Arc<Self>> {
        Self::new(Owner::Task(Mutex::new(None)))
    }

    fn new(owner: Owner) -> io::Result<Arc<Self>> {
        let (notified, on_descriptor) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Arc::new(Self { notified, on_descriptor, notifier: Notifier::new()?, owner }))
    }

    /// From now on the calling thread is the one to wake.
    pub(crate) fn adopt_this_thread(&self) {
        match &self.owner {
            Owner::Thread(sleeper) => sleeper.adopt_this_thread(),
            #[cfg(feature = "tokio")]
            Owner::Task(_) => {}
        }
    }

    /// From now on this is the task to wake.
    #[cfg(feature = "tokio")]
    pub(crate) fn adopt_task(&self, waker: &Waker) {
        if let Owner::Task(task) = &self.owner {
            let mut task = task.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if !task.as_ref().is_some_and(|old| old.will_wake(waker)) {
                *task = Some(waker.clone());
            }
        }
    }

    /// From now on a notification counts. What earlier notifiers did before it is visible.
    pub(crate) fn arm(&self) {
        // Partner: the swap in `notify`. Acquires what was done before it.
        self.notified.swap(false, arm_acquires());
    }

    pub(crate) fn is_notified(&self) -> bool {
        // Partner: the swap in `notify`.
        self.notified.load(Ordering::Acquire)
    }

    /// Wakes the lane, or keeps it from falling asleep.
    pub(crate) fn notify(&self) {
        // Partner: the swap in `arm`. Releases what the caller did before it.
        if self.notified.swap(true, notify_releases()) {
            return;
        }
        match &self.owner {
            // Partner: the store in `sleep`, which the order of the changes of `notified` puts before this load.
            Owner::Thread(_) if self.on_descriptor.load(Ordering::Relaxed) => self.notifier.notify(),
            Owner::Thread(sleeper) => sleeper.unpark(),
            #[cfg(feature = "tokio")]
            Owner::Task(task) => {
                let waker = task.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }
    }

    /// Sleeps on this thread until it is notified, a descriptor is ready, or `until`.
    pub(crate) fn sleep(&self, descriptors: &[Interest<'_>], until: Option<Instant>) {
        // Partner: the load in `notify`. A notification that `is_notified_now` does not see comes after it, and sees this.
        self.on_descriptor.store(!descriptors.is_empty(), Ordering::Relaxed);
        if self.is_notified_now() {
            return;
        }
        match &self.owner {
            Owner::Thread(sleeper) if descriptors.is_empty() => self.sleep_without(sleeper, until),
            _ => self.notifier.sleep(descriptors, until),
        }
    }

    /// Whether it is notified, read by a change that changes nothing, so that this has its place in the order of notifications.
    pub(crate) fn is_notified_now(&self) -> bool {
        if !final_check_is_a_change() {
            return self.is_notified();
        }
        self.notified.fetch_or(false, Ordering::AcqRel)
    }

    fn sleep_without(&self, sleeper: &Sleeper, until: Option<Instant>) {
        while !self.is_notified() {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return;
            }
            sleeper.park(left);
        }
    }
}

impl Wake for LaneWaker {
    fn wake(self: Arc<Self>) {
        self.notify();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.notify();
    }
}

/// The rings that a lane sleeps on.
pub(super) trait Rings {
    /// Asks each ring, until one says no. Returns whether none did.
    fn all(&mut self, ask: impl FnMut(&mut Resting) -> bool) -> bool;
}

/// Has the next message in any of the rings call `waker`; false if there is work already. A call of [`Resting::unpark`] on each ring
/// follows in any case.
///
/// A barrier is a call into the kernel that interrupts every core of the process, and one is enough for all rings.
pub(super) fn park(rings: &mut impl Rings, waker: &Waker) -> bool {
    rings.all(|ring| ring.announce_sleep(waker)) && ring::before_sleep() && rings.all(Resting::recheck)
}

/// The receiving end of a ring that its owner sleeps on together with others.
#[derive(Debug)]
pub(super) struct Resting {
    pub(super) consumer: Consumer,
    /// Whether the owner has learnt that nothing more comes by this ring.
    known_over: bool,
}

impl Resting {
    pub(super) fn new(consumer: Consumer) -> Self {
        Self { consumer, known_over: false }
    }

    fn announce_sleep(&mut self, waker: &Waker) -> bool {
        let ready = self.consumer.announce_sleep(waker);
        self.is_quiet(ready)
    }

    fn recheck(&mut self) -> bool {
        let ready = if rechecks_rings() { self.consumer.recheck() } else { None };
        self.is_quiet(ready)
    }

    fn is_quiet(&mut self, ready: Option<Ready>) -> bool {
        match ready {
            None => true,
            // The end of a ring is news once: a draining lane waits for it. After that it does not keep a lane awake.
            Some(Ready::Closed) => std::mem::replace(&mut self.known_over, true),
            Some(Ready::Yes | Ready::TimedOut) => false,
        }
    }

    /// The owner is awake.
    pub(super) fn unpark(&mut self) {
        self.consumer.awake();
    }
}

// The orderings and steps that the argument above relies on. A model weakens each of them; see `ring` for its own.

/// Orders what a notifier did before its notification. Partner: [`arm_acquires`].
#[inline(always)]
fn notify_releases() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::NotifyReleases) {
        return Ordering::Acquire;
    }
    Ordering::AcqRel
}

/// Orders a notification before what the lane checks once it is armed. Partner: [`notify_releases`].
#[inline(always)]
fn arm_acquires() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::ArmAcquires) {
        return Ordering::Release;
    }
    Ordering::AcqRel
}

/// Whether rings are checked again after the barrier.
#[inline(always)]
fn rechecks_rings() -> bool {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::Rechecks) {
        return false;
    }
    true
}

/// Whether the final check of `notified` is a change among the others, and not a plain load.
#[inline(always)]
fn final_check_is_a_change() -> bool {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::FinalCheckIsAChange) {
        return false;
    }
    true
}
