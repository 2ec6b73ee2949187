//! The park protocol: how an end goes to sleep, and how the other end knows that it has to wake it.
//!
//! # Words
//!
//! For each direction there are two words and an event. The consumer sleeps until a commit word changes, the producer until the cursor
//! does; both also until the other end closes.
//!
//! - The *park word* (`park_rx` of a consumer, `park_tx` of a producer) is written by the end that sleeps. An odd value means asleep, or
//!   about to be. Each sleep has an odd value of its own, its epoch.
//! - The *wake word* (`wake_data`, `wake_space`) is written by the end that wakes. A thread sleeps on it ([`WakeWord`]); a task leaves its
//!   waker in a slot instead ([`WakerSlot`](super::wait::WakerSlot)).
//!
//! # Order
//!
//! ```text
//! the end that sleeps                                 the end that goes on
//! 1. a task: register the waker; a thread: clear it   a. store the event
//!    and read the wake word                           b. full barrier
//! 2. store an odd park word                           c. load the park word
//! 3. full barrier                                     d. if it is odd, and its epoch was not notified yet:
//! 4. check for the event once more                       change the wake word, then wake the task or the thread
//! 5. sleep while the wake word is as read in 1
//! 6. store an even park word
//! ```
//!
//! # Why no wake-up is lost
//!
//! 2–4 and a–c are Dekker's pair: each side stores, then loads what the other stored. With a full barrier between store and load on *both*
//! sides, at least one load sees the other's store. If 4 sees the event, the end does not sleep. If c sees the park word, d wakes it: the
//! kernel compares the wake word with the value of 1 and queues the thread in one step, so the thread either sees the change and does not
//! sleep, or is queued when the wake comes. A task's waker is in its slot before 2, so d finds it. An epoch that was notified needs no
//! second notice: its sleeper checks for events after it wakes.
//!
//! An end that closes changes the wake word and wakes whatever the park word says: an end that is about to sleep sees the change or the
//! closing.
//!
//! # Who pays for the barriers
//!
//! b is paid once per flush, not per message; 3 only before a sleep. Within a process the kernel can run b on behalf of the end that goes
//! on, when the other end sleeps (`membarrier`), so that a flush costs one load: see [`Barrier`].
//!
//! # Models
//!
//! `receiver_parks`, `sender_parks`, `both_park`, `task_receives`, `task_sends` and `task_waits_for_two_rings` in `models.rs` hold that all
//! of this wakes every sleeper. They fail, as they must, without b ([`notify_fence`]), without 3 ([`sleep_fence`]) and without 4
//! ([`makes_final_check`]). The models run both barriers as fences; [`Barrier::before_notify`] has the argument for `membarrier`.

use super::wait::WakeWord;
#[cfg(all(test, mycelium_loom))]
use crate::sync::weakening::{self, Rule};
use crate::sync::{AtomicU32, Ordering, fence};
#[cfg(not(all(test, mycelium_loom)))]
use crate::sys;

/// One end's part in the protocol, as the one that sleeps and as the one that wakes.
pub(super) struct Parker {
    barrier: Barrier,
    /// The value of the own park word.
    park: u32,
    /// The value of the peer's wake word.
    wake: u32,
    /// The peer's epoch that was notified last.
    notified: u32,
}

impl Parker {
    pub(super) fn new(barrier: Barrier) -> Self {
        Self { barrier, park: 0, wake: 0, notified: 0 }
    }

    /// Whether the peer sleeps and was not notified since it fell asleep. If so, its wake word is changed, and the caller must wake it.
    ///
    /// To be called after the store of the event.
    #[inline]
    pub(super) fn notify(&mut self, peer_park: &AtomicU32, peer_wake: &WakeWord) -> bool {
        if self.barrier == Barrier::PeerSpins {
            return false;
        }
        self.barrier.before_notify();
        // Partner: the peer's store in `announce`.
        let epoch = peer_park.load(Ordering::Relaxed);
        if epoch.is_multiple_of(2) || epoch == self.notified {
            return false;
        }
        self.notified = epoch;
        self.change_wake_word(peer_wake);
        true
    }

    /// Keeps a peer awake that is about to fall asleep.
    pub(super) fn change_wake_word(&mut self, peer_wake: &WakeWord) {
        self.wake = self.wake.wrapping_add(1);
        peer_wake.bump(self.wake);
    }

    /// Announces that this end is about to sleep. Returns the wake word to sleep on. [`barrier`](Self::barrier) and the final check follow.
    pub(super) fn announce(&mut self, own_park: &AtomicU32, own_wake: &WakeWord) -> u32 {
        let snapshot = own_wake.snapshot();
        self.park = self.park.wrapping_add(1) | 1;
        // Partner: the peer's load in `notify`.
        own_park.store(self.park, Ordering::Relaxed);
        snapshot
    }

    /// The barrier between [`announce`](Self::announce) and the final check.
    pub(super) fn barrier(&self, snapshot: u32) -> Parked {
        Parked { snapshot, ordered: self.barrier.before_sleep() }
    }

    /// Announces that this end is awake.
    pub(super) fn end(&mut self, own_park: &AtomicU32) {
        self.park = self.park.wrapping_add(1) & !1;
        // Partner: the peer's load in `notify`.
        own_park.store(self.park, Ordering::Relaxed);
    }
}

/// The state of an end that is about to sleep.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Parked {
    snapshot: u32,
    /// Whether the final check is ordered after the park word. If not, a wake-up can be missed.
    pub(super) ordered: bool,
}

impl Parked {
    /// Sleeps until the peer wakes this thread, until the timeout, or spuriously; at most a millisecond where a wake-up can be missed.
    pub(super) fn sleep(self, own_wake: &WakeWord, timeout: Option<std::time::Duration>) {
        const MOMENT: std::time::Duration = std::time::Duration::from_millis(1);
        let bounded = || Some(timeout.map_or(MOMENT, |timeout| timeout.min(MOMENT)));
        own_wake.wait(self.snapshot, if self.ordered { timeout } else { bounded() });
    }
}

/// How the two ends of a ring order their stores and loads around parking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// A full fence at each end.
    Fence,
    /// The sleeper makes the kernel run a full fence on every thread of the process; the other end needs none.
    Membarrier,
    /// The other end never sleeps and needs no notice; this one may sleep.
    PeerSpins,
}

impl Barrier {
    /// The cheapest barrier that works between two threads of this process.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn in_process() -> Self {
        static REGISTERED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        if *REGISTERED.get_or_init(sys::register_barrier) { Self::Membarrier } else { Self::Fence }
    }

    #[cfg(all(test, mycelium_loom))]
    pub(crate) fn in_process() -> Self {
        Self::Fence
    }

    /// Between the store of an event and the load of the peer's park word. Partner: [`before_sleep`](Self::before_sleep).
    #[inline(always)]
    fn before_notify(self) {
        match self {
            Self::Fence => notify_fence(),
            // The sleeper's membarrier does the processor's part. It runs a full fence on this core either before the store, and then
            // the load that follows sees the park word, or after it, and then the sleeper's final check sees the store.
            Self::Membarrier => std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst),
            Self::PeerSpins => {}
        }
    }

    /// Between the store of the own park word and the final check. False if the kernel refused; then no sleep may be long.
    /// Partner: [`before_notify`](Self::before_notify).
    fn before_sleep(self) -> bool {
        #[cfg(not(all(test, mycelium_loom)))]
        if self == Self::Membarrier {
            std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
            return sys::barrier();
        }
        sleep_fence();
        true
    }
}

/// Registers this process with the kernel for `membarrier` now instead of with the first ring.
///
/// A process of one thread is registered at once. With more threads the kernel waits for each core, which takes some ten milliseconds.
/// So call this before starting threads.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) fn register() {
    // The answer is stored for the first ring.
    let _ = Barrier::in_process();
}

/// The barrier of a sleeper that waits for several rings of this process: between the last of its park words and the first of its final
/// checks. False if the kernel refused; then no sleep may be long.
///
/// One barrier is enough for all rings. Take any ring: the sleeper stores its park word before the barrier and makes its final check
/// after it, and its stores and loads for other rings in between change neither. So there is a full barrier between this ring's store and
/// check, as if it were the only ring, and its producer, which has a barrier too, sees the word or is seen ([`Barrier::before_notify`]).
/// This also holds for rings with [`Barrier::Fence`], since `membarrier` is a full fence for its caller as well.
pub(crate) fn before_sleep() -> bool {
    Barrier::in_process().before_sleep()
}

/// The full fence b of the end that goes on. Partner: [`sleep_fence`].
#[inline(always)]
fn notify_fence() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::NotifyFence) {
        return;
    }
    fence(Ordering::SeqCst);
}

/// The full fence 3 of the end that goes to sleep. Partner: [`notify_fence`].
#[inline(always)]
fn sleep_fence() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::SleepFence) {
        return;
    }
    fence(Ordering::SeqCst);
}

/// Whether a thread makes the final check 4 before it sleeps. Only a model that shows the need for it says no.
#[inline(always)]
pub(super) fn makes_final_check() -> bool {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::FinalCheck) {
        return false;
    }
    true
}
