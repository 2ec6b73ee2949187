//! The counters of a link.
//!
//! [`Counters`] belong to the one thread that drives the link; [`LinkStats`] is a copy that any thread may take at any time.

use core::ops::Deref;
use std::sync::Arc;

use super::not_accepted::{NotAccepted, PerMessage};
use super::{Block, Group, LinkWords, of_links};

/// The sum of gaps that peers may claim. Beyond that only [small gaps](SMALL_GAP) still count: many peers with large claims, one after the
/// other, can make the number wrong, but not stop it.
const CLAIMED: u64 = 1 << 62;
const SMALL_GAP: u64 = 1 << 32;

/// The live counters of a link: written by the thread that drives it, readable from any thread. A clone is a handle of the same counters.
///
/// ```
/// use mycelium_rt::link::Counters;
///
/// let counters = Counters::default(); // a sender or receiver has such a handle
/// let stats = counters.snapshot();
/// assert_eq!((stats.sent, stats.dropped()), (0, 0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Counters {
    words: Group<LinkWords>,
    per_message: Arc<PerMessage>,
}

impl Counters {
    /// Counters in this block.
    pub(crate) fn in_block(block: &Block) -> Self {
        Self { words: block.group(), per_message: Arc::default() }
    }

    /// Whether each message is accepted.
    pub(crate) fn per_message(&self) -> &PerMessage {
        &self.per_message
    }

    /// Adds missing messages, as claimed by a peer.
    pub(crate) fn add_gaps(&self, missing: u64) {
        let room = CLAIMED.saturating_sub(self.gaps.get()).max(SMALL_GAP);
        self.gaps.add(missing.min(room));
    }

    /// The messages that the current peer of this link does not accept, or an earlier peer did not. `link` is the name of the link.
    #[must_use]
    pub fn not_accepted_by_message(&self, link: &'static str) -> Vec<NotAccepted> {
        self.per_message.list(link)
    }
}

impl Deref for Counters {
    type Target = LinkWords;

    #[inline(always)]
    fn deref(&self) -> &LinkWords {
        &self.words
    }
}

macro_rules! stats {
    ($( $(#[$doc:meta])* $name:ident, )*) => {
        impl LinkWords {
            /// A copy of all counters. They are read one after the other, while the owner may go on counting.
            pub fn snapshot(&self) -> LinkStats {
                LinkStats { $( $name: self.$name.get(), )* }
            }
        }

        /// A copy of the counters of a link, an input or a queue.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct LinkStats {
            $( $(#[$doc])* pub $name: u64, )*
        }

        impl core::ops::AddAssign for LinkStats {
            fn add_assign(&mut self, other: Self) {
                $( self.$name = self.$name.saturating_add(other.$name); )*
            }
        }
    };
}
of_links!(stats);

impl LinkStats {
    /// All messages that this end dropped, for any reason. Messages that the peer does not accept are counted separately, as
    /// [`not_accepted`](Self::not_accepted), and so are those that a newer one replaced, as [`conflated`](Self::conflated).
    pub fn dropped(&self) -> u64 {
        [self.dropped_newest, self.dropped_oldest, self.dropped_timeout, self.dropped_error, self.dropped_closed]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_with_large_claims_cannot_stop_the_count() {
        let counters = Counters::default();
        for _ in 0..100_000 {
            counters.add_gaps(1 << 48);
        }
        let claimed = counters.gaps.get();
        assert!(claimed < 1 << 63, "{claimed}");
        counters.add_gaps(3);
        assert_eq!(counters.gaps.get(), claimed + 3);
    }
}
