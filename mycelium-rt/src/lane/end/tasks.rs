//! How services behind tasks take part in the end: they learn when it begins, and their sources count as producers.

#[cfg(feature = "tokio")]
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
#[cfg(feature = "tokio")]
use std::task::{Context, Poll};

#[cfg(feature = "tokio")]
use super::Control;

/// Tells a task that its system has begun to end. Clones share their state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending(Arc<Mutex<EndingState>>);

#[derive(Debug, Default)]
struct EndingState {
    begun: bool,
    /// The task that waits.
    waiting: Option<Waker>,
}

/// All tasks of one system.
#[derive(Debug, Default)]
pub(in crate::lane) struct Endings(Mutex<Vec<Ending>>);

impl Endings {
    /// The end begins; called after the phase says so.
    pub(in crate::lane) fn begin(&self) {
        self.all().iter().for_each(Ending::begin);
    }

    /// Adds a task, and tells it at once if the end `has_begun`.
    #[cfg(feature = "tokio")]
    pub(in crate::lane) fn add(&self, ending: Ending, has_begun: impl FnOnce() -> bool) {
        let mut all = self.all();
        // Read under the lock: if it has not begun, `begin` takes the lock later and finds this task.
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
    /// The end begins: wakes the task that waits.
    fn begin(&self) {
        let waiting = {
            let mut state = self.state();
            state.begun = true;
            state.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    /// Whether the end has begun.
    #[cfg(feature = "tokio")]
    pub(crate) fn has_begun(&self) -> bool {
        self.state().begun
    }

    /// Waits until the end begins. For one task at a time.
    #[cfg(feature = "tokio")]
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.begun {
            return Poll::Ready(());
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether its task is gone.
    #[cfg(feature = "tokio")]
    fn is_unused(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    fn state(&self) -> MutexGuard<'_, EndingState> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sources of one service behind a task that have not finished. They count as producers: without any, a system ends by itself. This is
/// dropped with the task, whose sources then bring in nothing more.
#[cfg(feature = "tokio")]
pub(crate) struct Producers {
    control: Arc<Control>,
    sources: usize,
}

#[cfg(feature = "tokio")]
impl Producers {
    /// These sources are counted since the start of the system.
    pub(in crate::lane) fn counted(control: &Arc<Control>, sources: usize) -> Self {
        Self { control: Arc::clone(control), sources }
    }

    /// Sets the number of sources that have not finished.
    pub(crate) fn set(&mut self, sources: usize) {
        for _ in self.sources..sources {
            // If it is too late, they are not called any more.
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
