//! When a batch is complete.

use std::time::{Duration, Instant};

use super::Batch;

/// How far the batch at hand has come.
#[derive(Debug)]
pub(crate) struct Pace {
    batch: Batch,
    held: u32,
    since: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(batch: Batch) -> Self {
        Self { batch, held: 0, since: None }
    }

    /// One message more; says whether that completes the batch.
    #[inline]
    pub(crate) fn add(&mut self) -> bool {
        self.held += 1;
        if self.held >= self.batch.max.get() {
            return true;
        }
        // The clock is asked once a batch, and only if there is a delay to keep.
        if self.held == 1 && !self.batch.delay.is_zero() {
            self.since = Some(Instant::now());
        }
        false
    }

    /// Whether messages are held that wait for others.
    pub(crate) fn is_open(&self) -> bool {
        self.held > 0
    }

    /// Whether the first message of the batch has waited for as long as it may.
    pub(crate) fn is_overdue(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= self.batch.delay)
    }

    /// When the batch is complete at the latest.
    pub(crate) fn due(&self) -> Option<Instant> {
        let left = |since: Instant| since.checked_add(self.batch.delay).unwrap_or(since + Duration::from_secs(3600));
        self.since.map(left)
    }

    /// The batch was written, or there is nobody to write it to.
    pub(crate) fn restart(&mut self) {
        (self.held, self.since) = (0, None);
    }
}
