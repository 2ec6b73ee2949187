//! When a batch is complete.

use std::time::Instant;

use super::Batch;
use super::send_end::Unflushed;
use crate::time::later;

/// A batch is complete at this many bytes, too: more in one write gain nothing.
const MAX_BYTES: usize = 64 * 1024;

/// Messages between two attempts to write while the kernel takes no more: each attempt is a system call.
const ATTEMPT_EVERY: u32 = 64;

/// How far the batch at hand has come.
#[derive(Debug)]
pub(crate) struct BatchProgress {
    batch: Batch,
    /// Messages and bytes since the last attempt to write.
    held: u32,
    bytes: usize,
    /// Whether the last attempt left something behind.
    stuck: bool,
    since: Option<Instant>,
}

impl BatchProgress {
    pub(crate) fn new(batch: Batch) -> Self {
        Self { batch, held: 0, bytes: 0, stuck: false, since: None }
    }

    /// What came since the last attempt.
    #[inline(always)]
    pub(crate) fn held(&self) -> Unflushed {
        Unflushed { messages: u64::from(self.held), bytes: self.bytes as u64 }
    }

    /// One message more, of `size` bytes; says whether to write now.
    #[inline]
    pub(crate) fn add(&mut self, size: usize) -> bool {
        self.held += 1;
        self.bytes += size;
        if self.held >= self.batch.max.get() || self.bytes >= MAX_BYTES {
            return !self.stuck || self.held >= ATTEMPT_EVERY || self.bytes >= MAX_BYTES;
        }
        // The clock is asked once a batch, and only if there is a delay to keep.
        if self.held == 1 && !self.batch.delay.is_zero() {
            self.since = Some(Instant::now());
        }
        false
    }

    /// Whether to write although no message has come: the last attempt left something, or the first message of the batch
    /// has waited for as long as it may.
    pub(crate) fn is_due(&self) -> bool {
        self.stuck || self.since.is_some_and(|since| since.elapsed() >= self.batch.delay)
    }

    /// When the batch is complete at the latest.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.since.map(|since| later(since, self.batch.delay))
    }

    /// An attempt to write was made, or there is nobody to write to; `stuck` if the kernel did not take everything.
    pub(crate) fn restart(&mut self, stuck: bool) {
        (self.held, self.bytes, self.stuck, self.since) = (0, 0, stuck, None);
    }
}
