//! The two fences of the park protocol, and how they are paid for.
//!
//! Going to sleep and finding the other side asleep is a store and a load on each side (Dekker's pair): without a full fence between
//! them on *both* sides each can miss the other's store, and a sleeper stays asleep over a message. The fence of the side that goes on is
//! paid once per flush, that of the sleeper only before it sleeps. Inside one process the kernel can run the first one on the sender's
//! behalf (`membarrier`), so that a flush costs a load.

use super::rules;

/// How the two sides of a ring order their stores and loads around parking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// A full fence on each side.
    Fence,
    /// The sleeper makes the kernel run a full fence on every thread of the process; the other side needs none.
    Membarrier,
    /// The other side never sleeps and needs no notice; this one may sleep.
    PeerSpins,
}

impl Barrier {
    /// The cheapest that works between two threads of this process.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn in_process() -> Self {
        use rustix::thread::{MembarrierCommand, membarrier};
        static REGISTERED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        let registered = REGISTERED.get_or_init(|| {
            membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
                && membarrier(MembarrierCommand::PrivateExpedited).is_ok()
        });
        if *registered { Self::Membarrier } else { Self::Fence }
    }

    #[cfg(all(test, mycelium_loom))]
    pub(crate) fn in_process() -> Self {
        Self::Fence
    }

    /// Whether the other side can be asleep.
    #[inline(always)]
    pub(crate) fn peer_sleeps(self) -> bool {
        self != Self::PeerSpins
    }

    /// Between a store that the other side waits for and the look at its park word. Partner: [`before_sleep`](Self::before_sleep).
    #[inline(always)]
    pub(crate) fn before_notify(self) {
        match self {
            Self::Fence => rules::notify_fence(),
            // The processor's part is done by the sleeper's membarrier: it runs a full fence on this core either before the store,
            // and then the load that follows sees the park word, or after it, and then the sleeper's last look sees the store.
            Self::Membarrier => std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst),
            Self::PeerSpins => {}
        }
    }

    /// Between storing the own park word and the last look; false if the kernel refused, and then nobody may sleep for long.
    /// Partner: [`before_notify`](Self::before_notify).
    pub(crate) fn before_sleep(self) -> bool {
        #[cfg(not(all(test, mycelium_loom)))]
        if self == Self::Membarrier {
            use rustix::thread::{MembarrierCommand, membarrier};
            std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
            return membarrier(MembarrierCommand::PrivateExpedited).is_ok();
        }
        rules::sleep_fence();
        true
    }
}

/// Tells the kernel now, rather than with the first ring, that this process pays for its fences by `membarrier`.
///
/// A process of one thread is registered at once. With more of them the kernel waits until each core has looked, which takes some ten
/// milliseconds. So whoever is about to start threads does this before.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) fn register() {
    // Whatever comes of it is asked for again.
    let _ = Barrier::in_process();
}

/// The barrier of a sleeper that waits for several rings of this process: between the last of its park words and the first of its last
/// looks. False if the kernel refused, and then nobody may sleep for long.
///
/// One is enough for all of them. Take any ring: the sleeper's store to its park word comes before the barrier and its last look at the
/// slots after it, and what is stored and looked at for other rings in between changes neither. So this ring's store and look have a
/// full barrier between them, as if it were the only one, and its producer, which has one too, sees the word or is seen
/// ([`Barrier::before_notify`]). It serves rings that pay for a fence at each flush as well, since `membarrier` is a full fence for the
/// caller, too.
pub(crate) fn before_sleep() -> bool {
    Barrier::in_process().before_sleep()
}
