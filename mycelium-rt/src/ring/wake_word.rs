//! A word that one thread of the process can sleep on until another changes it.

use std::time::Duration;

use crate::sync::{AtomicU32, Ordering};

/// A futex word: bumped by the side that wakes, slept on by the other.
#[derive(Debug, Default)]
#[cfg_attr(not(all(test, mycelium_loom)), repr(transparent))]
pub(crate) struct WakeWord {
    word: AtomicU32,
    #[cfg(all(test, mycelium_loom))]
    kernel: model::Kernel,
}

impl WakeWord {
    /// The value to hand to [`wait`](Self::wait); to be read before the last look at what is waited for.
    pub(crate) fn snapshot(&self) -> u32 {
        // Partner: the store in `bump`. Relaxed: the full fence of the park protocol orders it.
        self.word.load(Ordering::Relaxed)
    }

    /// Changes the word to `value`, so that nobody falls asleep on an older one.
    pub(crate) fn bump(&self, value: u32) {
        // Partner: `snapshot`, and the kernel's own load in `wait`.
        self.word.store(value, Ordering::Release);
    }
}

#[cfg(not(all(test, mycelium_loom)))]
impl WakeWord {
    /// Sleeps until the word differs from `snapshot` and someone wakes, the time is over, or for no reason.
    pub(crate) fn wait(&self, snapshot: u32, timeout: Option<Duration>) {
        use rustix::thread::futex;
        let timeout = timeout.and_then(|timeout| futex::Timespec::try_from(timeout).ok());
        // Every error (changed before, interrupted, timed out) means the same to the caller: look again.
        let _ = futex::wait(&self.word, futex::Flags::PRIVATE, snapshot, timeout.as_ref());
    }

    /// Wakes the sleeper, if there is one.
    pub(crate) fn wake(&self) {
        use rustix::thread::futex;
        // It cannot fail on a valid private word; should it, the sleeper's timeout is what is left.
        let _ = futex::wake(&self.word, futex::Flags::PRIVATE, 1);
    }
}

#[cfg(all(test, mycelium_loom))]
mod model {
    use super::*;
    use loom::sync::{Condvar, Mutex};

    /// The kernel's part of a futex: the word is compared and the sleeper queued under one lock.
    #[derive(Debug)]
    pub(super) struct Kernel {
        lock: Mutex<()>,
        sleeper: Condvar,
    }

    impl Default for Kernel {
        fn default() -> Self {
            Self { lock: Mutex::new(()), sleeper: Condvar::new() }
        }
    }

    impl WakeWord {
        pub(crate) fn wait(&self, snapshot: u32, _timeout: Option<Duration>) {
            let guard = self.kernel.lock.lock().unwrap();
            if self.word.load(Ordering::Relaxed) == snapshot {
                drop(self.kernel.sleeper.wait(guard).unwrap());
            }
        }

        pub(crate) fn wake(&self) {
            drop(self.kernel.lock.lock().unwrap());
            self.kernel.sleeper.notify_all();
        }
    }
}
