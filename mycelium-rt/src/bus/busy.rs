//! How much work there is left for the services of a runtime.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts messages from being put into a service's inbox to the end of their handling, and turns of sources and timers.
///
/// What a handler emits is counted before the handler ends, so that the count is zero only when nothing is left anywhere.
#[derive(Debug, Default)]
pub(super) struct Busy {
    items: AtomicUsize,
    idle: Notify,
}

impl Busy {
    pub(super) fn begin(&self) {
        // A single variable has one order for all. Relaxed, for only who sees less looks at what was done; as a read-modify-write it
        // hands on what was released before.
        self.items.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn done(&self, items: usize) {
        // Partner: `left`. Releases what was done, to whoever sees that nothing is left.
        if self.items.fetch_sub(items, Ordering::Release) == items {
            self.idle.notify_waiters();
        }
    }

    /// What is left to do now. What is not has been done, as far as the caller can see.
    pub(super) fn left(&self) -> usize {
        // Partner: `done`.
        self.items.load(Ordering::Acquire)
    }

    /// Waits until nothing is left to do.
    pub(super) async fn wait_idle(&self) {
        loop {
            // It is woken by every `notify_waiters` from here on, before it is first polled too.
            let idle = self.idle.notified();
            if self.left() == 0 {
                return;
            }
            idle.await;
        }
    }
}
