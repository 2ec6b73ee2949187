//! What a router counts, as words that any thread may read at any time.
//!
//! # Who writes what
//!
//! A [`Counter`] is a word with exactly one writer. The counters of one writer are a *group*. A group has lines of its own, 128 bytes each,
//! so that counting does not slow down other writers, and reading slows down its writer only for a moment. The groups of a router lie side
//! by side in one [`Block`], in the order in which its parts were opened: one piece of memory with all counters of the router and nothing
//! else.
//!
//! The words of a group are independent of one another. They are written and read `Relaxed`, no other memory is published through them,
//! and a reader may see one word a moment later than another.

mod block;
mod not_accepted;
mod stats;
mod words;

use core::sync::atomic::{AtomicU64, Ordering};

pub(crate) use self::block::{Block, Group, Words};
pub use self::not_accepted::NotAccepted;
pub use self::stats::{Counters, LinkStats};
pub use self::words::LinkWords;
pub(crate) use self::words::{LaneWords, LocalWords, PaceWords, ServiceWords, of_links};

/// A count with exactly one writer and any number of readers.
///
/// The writer adds by a plain load and a plain store, which costs as much as an ordinary integer. A second writer would lose counts, and do
/// no other harm. So a counter stays with its owner, and only this crate can add to it.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`, saturating. For the owner only.
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.0.store(self.get().saturating_add(n), Ordering::Relaxed);
    }

    /// The count, which may be a moment old for readers on other threads. Counters are independent of one another, and no other memory is
    /// published through them, hence `Relaxed`.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
