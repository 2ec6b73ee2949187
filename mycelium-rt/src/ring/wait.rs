//! What an end of a ring waits with: a look for a few microseconds, a word that a thread sleeps on, and the waker of a task.
//!
//! When each of them is used, and why no wake-up is lost, is argued in [`park`](super::park).

use std::task::Waker;
use std::time::{Duration, Instant};

use crate::sync::{AtomicU32, Mutex, Ordering};
use crate::time::after;

/// How long to spin before sleeping: about the cost of being woken.
const SPIN_BUDGET: Duration = Duration::from_micros(20);
/// Spins between two reads of the clock, which cost more than a spin.
const SPINS_PER_CLOCK_READ: u32 = 16;

/// Spins until `done`, until the spin budget is used up, or until the deadline has passed.
pub(crate) fn spin_until(deadline: &Deadline, mut done: impl FnMut() -> bool) {
    if cfg!(all(test, mycelium_loom)) {
        return;
    }
    if done() {
        return;
    }
    let start = Instant::now();
    while start.elapsed() < SPIN_BUDGET && !deadline.is_over() {
        for _ in 0..SPINS_PER_CLOCK_READ {
            if done() {
                return;
            }
            std::hint::spin_loop();
        }
    }
}

/// A point in time, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// `timeout` from now.
    pub(crate) fn after(timeout: Option<Duration>) -> Self {
        Self(timeout.map(after))
    }

    /// A known point in time.
    pub(crate) fn at(end: Option<Instant>) -> Self {
        Self(end)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }

    /// The time left.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }
}

/// A futex word: changed by the end that wakes, slept on by a thread at the other end.
#[derive(Debug, Default)]
#[cfg_attr(not(all(test, mycelium_loom)), repr(transparent))]
pub(crate) struct WakeWord {
    word: AtomicU32,
    #[cfg(all(test, mycelium_loom))]
    kernel: model::Kernel,
}

impl WakeWord {
    /// The value to pass to [`wait`](Self::wait). Read it before the final check of what is waited for.
    pub(crate) fn snapshot(&self) -> u32 {
        // Partner: the store in `bump`. Relaxed: the full fence of the park protocol orders it.
        self.word.load(Ordering::Relaxed)
    }

    /// Changes the word to `value`, so that no thread falls asleep on an older one.
    pub(crate) fn bump(&self, value: u32) {
        // Partner: `snapshot`, and the kernel's own load in `wait`.
        self.word.store(value, Ordering::Release);
    }
}

#[cfg(not(all(test, mycelium_loom)))]
impl WakeWord {
    /// Sleeps until the word differs from `snapshot` and a `wake` comes, until the timeout, or spuriously.
    pub(crate) fn wait(&self, snapshot: u32, timeout: Option<Duration>) {
        crate::sys::sleep_on(&self.word, snapshot, timeout);
    }

    /// Wakes the sleeping thread, if there is one.
    pub(crate) fn wake(&self) {
        crate::sys::wake_one(&self.word);
    }
}

#[cfg(all(test, mycelium_loom))]
mod model {
    use super::*;
    use loom::sync::Condvar;

    /// The kernel's part of a futex: it compares the word and queues the sleeper under one lock.
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

/// The waker of the task that waits at an end; empty while a thread waits there, or nothing does.
#[derive(Debug)]
pub(super) struct WakerSlot(Mutex<Option<Waker>>);

impl Default for WakerSlot {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl WakerSlot {
    /// Stores the waker of the task that is about to wait.
    pub(super) fn register(&self, waker: &Waker) {
        if self.lock().as_ref().is_some_and(|old| old.will_wake(waker)) {
            return;
        }
        // Cloning and dropping a waker runs code of others: neither happens under the lock. One task waits at an end at a time, so
        // nothing else registers meanwhile; a waker that is taken meanwhile belongs to an earlier wait.
        let waker = waker.clone();
        let old = self.lock().replace(waker);
        drop(old);
    }

    /// Empties the slot before a thread waits: the waker of a task that waited here before would swallow the thread's wake-up.
    pub(super) fn clear(&self) {
        let task = self.lock().take();
        drop(task);
    }

    /// Wakes the task that waits; false if none does.
    pub(super) fn wake(&self) -> bool {
        self.take().map(Waker::wake).is_some()
    }

    /// The waker of the task that waits, for the caller to call.
    ///
    /// A park word that says "asleep" was stored after `register`, so an end that saw the word finds the waker here: if it took this
    /// lock before `register` did, its load of the word would come before the store.
    pub(super) fn take(&self) -> Option<Waker> {
        self.lock().take()
    }

    fn lock(&self) -> impl std::ops::DerefMut<Target = Option<Waker>> + '_ {
        // Nothing panics under it.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
