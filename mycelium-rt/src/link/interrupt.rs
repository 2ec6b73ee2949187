//! Ending waits from outside.

use std::sync::Arc;
use std::time::Instant;

use crate::cutoff::Cutoff;

/// Ends the waits of a blocked sender, from any thread and for good: for shutting down.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Cutoff>);

impl Interrupt {
    /// One that is set when this moment comes.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn at(cutoff: &Arc<Cutoff>) -> Self {
        Self(Arc::clone(cutoff))
    }

    /// From now on, sends that would wait fail with [`SendError::Interrupted`](super::SendError::Interrupted).
    pub fn set(&self) {
        self.0.pass();
    }

    /// The same from `time` on, if it is not set for an earlier one.
    pub fn set_at(&self, time: Instant) {
        self.0.bring_forward(time);
    }

    /// Whether the sender is gone, and with it every other handle.
    pub(crate) fn is_unused(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    #[inline(always)]
    pub(crate) fn is_set(&self) -> bool {
        self.0.has_passed()
    }
}
