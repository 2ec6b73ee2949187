//! How services behind tasks take part in the end: they are told when it begins, and their sources count as producers.

#[cfg(feature = "tokio")]
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
#[cfg(feature = "tokio")]
use std::task::{Context, Poll};

#[cfg(feature = "tokio")]
use super::Control;

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
pub(in crate::lane) struct Endings(Mutex<Vec<Ending>>);

impl Endings {
    /// The end begins: called once that can be seen.
    pub(in crate::lane) fn begin(&self) {
        self.all().iter().for_each(Ending::begin);
    }

    /// Has one more told, now if the end `has_begun`.
    #[cfg(feature = "tokio")]
    pub(in crate::lane) fn add(&self, ending: Ending, has_begun: impl FnOnce() -> bool) {
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

/// The sources of one service behind a task that have not finished: a system ends by itself once nobody can bring in anything new. When
/// this is dropped, with the task, none of them can.
#[cfg(feature = "tokio")]
pub(crate) struct Producers {
    control: Arc<Control>,
    sources: usize,
}

#[cfg(feature = "tokio")]
impl Producers {
    /// So many sources, which have been counted since the system was started.
    pub(in crate::lane) fn counted(control: &Arc<Control>, sources: usize) -> Self {
        Self { control: Arc::clone(control), sources }
    }

    /// So many of them have not finished now.
    pub(crate) fn set(&mut self, sources: usize) {
        for _ in self.sources..sources {
            // If it is too late, they are not asked any more.
            let _ = self.control.add_producer();
        }
        for _ in sources..self.sources {
            self.control.remove_producer();
        }
        self.sources = sources;
    }
}

#[cfg(feature = "tokio")]
impl Drop for Producers {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(feature = "tokio")]
impl fmt::Debug for Producers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producers").field("sources", &self.sources).finish_non_exhaustive()
    }
}
