//! Ending waits from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the waits of a blocked sender, from any thread and for good: for shutting down.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on, sends that would wait fail with [`SendError::Interrupted`](super::SendError::Interrupted).
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the sender is gone, and with it every other handle.
    pub(crate) fn is_unused(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    pub(crate) fn is_set(&self) -> bool {
        // Nothing but the flag itself is communicated, hence `Relaxed`.
        self.0.load(Ordering::Relaxed)
    }
}
