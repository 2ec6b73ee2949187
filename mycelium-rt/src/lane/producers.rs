//! Sources behind tasks, as their system counts them.

use std::fmt;
use std::sync::Arc;

use super::control::Control;

/// The sources of one service behind a task that have not finished: a system ends by itself once nobody can bring in anything new. When
/// this is dropped, with the task, none of them can.
pub(crate) struct Producers {
    control: Arc<Control>,
    sources: usize,
}

impl Producers {
    /// So many sources, which have been counted since the system was started.
    pub(super) fn counted(control: &Arc<Control>, sources: usize) -> Self {
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

impl Drop for Producers {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl fmt::Debug for Producers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producers").field("sources", &self.sources).finish_non_exhaustive()
    }
}
