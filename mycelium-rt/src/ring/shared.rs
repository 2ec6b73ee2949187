//! What the two ends of a ring inside one process share besides the ring: who is gone, and whom to wake.

use std::task::Waker;

use crate::sync::{Arc, AtomicU32, Mutex, Ordering};

/// One end of a ring, as the other sees it.
#[derive(Debug)]
pub(super) struct End {
    gone: AtomicU32,
    /// The task that waits at this end; none while it is a thread that waits.
    waker: Mutex<Option<Waker>>,
}

/// Both ends.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) producer: End,
    pub(super) consumer: End,
}

impl Shared {
    pub(super) fn new() -> Arc<Self> {
        let end = || End { gone: AtomicU32::new(0), waker: Mutex::new(None) };
        Arc::new(Self { producer: end(), consumer: end() })
    }
}

impl End {
    /// Says that this end is gone; everything that it did before is visible to who learns of it.
    pub(super) fn leave(&self) {
        // Partner: `is_gone`.
        self.gone.store(1, Ordering::Release);
    }

    pub(super) fn is_gone(&self) -> bool {
        // Partner: `leave`.
        self.gone.load(Ordering::Acquire) != 0
    }

    /// Leaves word that a task waits at this end.
    pub(super) fn register(&self, waker: &Waker) {
        if self.lock().as_ref().is_some_and(|old| old.will_wake(waker)) {
            return;
        }
        // What a waker does when it is cloned or dropped is its own: neither happens under the lock. One task waits at an end at a time, so
        // nobody else registers meanwhile; a waker that is taken meanwhile was that of an earlier wait.
        let waker = waker.clone();
        let old = self.lock().replace(waker);
        drop(old);
    }

    /// Says that from now on a thread waits at this end: the waker of a task that waited here before would swallow its wake-up.
    pub(super) fn forget_task(&self) {
        let task = self.lock().take();
        drop(task);
    }

    /// Wakes the task that waits at this end; false if none does.
    pub(super) fn wake_task(&self) -> bool {
        self.take_task().map(Waker::wake).is_some()
    }

    /// The waker of the task that waits at this end, for the caller to call.
    ///
    /// A park word that says "asleep" was stored after `register`, so whoever saw it finds the waker here: were this lock taken before
    /// that of `register`, the load that saw the word would come before its store.
    pub(super) fn take_task(&self) -> Option<Waker> {
        self.lock().take()
    }

    fn lock(&self) -> impl std::ops::DerefMut<Target = Option<Waker>> + '_ {
        // Nothing panics under it.
        self.waker.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
