//! Word that the end of a system has begun.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
#[cfg(feature = "tokio")]
use std::task::{Context, Poll};

/// Tells a task that its system has begun to end; clones are the same word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending(Arc<Mutex<Word>>);

#[derive(Debug, Default)]
struct Word {
    begun: bool,
    /// The task that waits for it.
    waiting: Option<Waker>,
}

/// All that wait for the end of one system.
#[derive(Debug, Default)]
pub(super) struct Endings(Mutex<Vec<Ending>>);

impl Endings {
    /// The end begins: called once that can be seen.
    pub(super) fn begin(&self) {
        self.all().iter().for_each(Ending::begin);
    }

    /// Has one more told, now if the end `has_begun`.
    #[cfg(feature = "tokio")]
    pub(super) fn add(&self, ending: Ending, has_begun: impl FnOnce() -> bool) {
        let mut all = self.all();
        // Looked at under the lock: if it has not begun, whoever begins it takes the lock later.
        if has_begun() {
            ending.begin();
        }
        all.retain(|ending| !ending.is_unused());
        all.push(ending);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Ending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ending {
    /// The end begins; whoever waits for it is woken.
    fn begin(&self) {
        let waiting = {
            let mut word = self.word();
            word.begun = true;
            word.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    /// Whether it has begun.
    #[cfg(feature = "tokio")]
    pub(crate) fn has_begun(&self) -> bool {
        self.word().begun
    }

    /// Waits for it. One task at a time does.
    #[cfg(feature = "tokio")]
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut word = self.word();
        if word.begun {
            return Poll::Ready(());
        }
        word.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether the task that it was meant for is gone.
    #[cfg(feature = "tokio")]
    fn is_unused(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    fn word(&self) -> MutexGuard<'_, Word> {
        // Nothing panics half-way in here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
