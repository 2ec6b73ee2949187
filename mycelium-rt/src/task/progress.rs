use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::counters::{Group, ServiceWords};
use crate::link::Interrupt;

/// How far a task has come and what became of it, for another thread to read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Messages handled, with all that they made the service emit, or lost in a panic.
    settled: AtomicU64,
    /// Whether the task has ended, however that came about.
    over: AtomicBool,
    /// Whether the task does nothing any more but handle messages: its sources and timers have stopped, or it has none.
    quiet: AtomicBool,
    /// When the task ends whatever is left, after the message that it is at.
    pub(super) cutoff: Interrupt,
    /// What the service counts.
    pub(super) words: Group<ServiceWords>,
}

impl Progress {
    pub(super) fn new(words: Group<ServiceWords>) -> Self {
        Self { words, ..Self::default() }
    }

    /// So many messages are settled, ever. What the task has done by then is visible to who sees the number.
    pub(super) fn settle(&self, messages: u64) {
        // Partner: `settled`.
        self.settled.store(messages, Ordering::Release);
    }

    pub(super) fn settled(&self) -> u64 {
        // Partner: `settle`.
        self.settled.load(Ordering::Acquire)
    }

    /// Sources and timers have stopped, for good.
    pub(super) fn fall_quiet(&self) {
        // Releases what they have emitted. Partner: `is_quiet`.
        self.quiet.store(true, Ordering::Release);
    }

    /// Whether nothing is emitted any more without a message. What has been is visible to who sees that.
    pub(super) fn is_quiet(&self) -> bool {
        // Partner: `fall_quiet`.
        self.quiet.load(Ordering::Acquire) || self.is_over()
    }

    /// The task has ended.
    pub(super) fn end(&self) {
        // Partner: `is_over`.
        self.over.store(true, Ordering::Release);
    }

    pub(super) fn is_over(&self) -> bool {
        // Partner: `end`.
        self.over.load(Ordering::Acquire)
    }
}
