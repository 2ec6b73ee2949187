//! What happened on a link so far, in numbers.
//!
//! [`Counters`] belong to the one thread that drives the link; [`LinkStats`] is a copy that anyone may take at any time.

use core::sync::atomic::{AtomicU64, Ordering};

use super::not_accepted::{NotAccepted, PerMessage};

/// Gaps that peers may claim all together. Beyond that only what is [small](SMALL_GAP) still counts: many peers that claim much, one after
/// the other, can spoil the number, but not stop it.
const CLAIMED: u64 = 1 << 62;
const SMALL_GAP: u64 = 1 << 32;

/// A count with exactly one writer and any number of readers.
///
/// The writer adds with a plain load and a plain store, which costs what an ordinary integer costs; a second writer would
/// lose counts (never more than that), so a counter stays with the end of the link that owns it.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`; stays at the maximum once there. For the owner only.
    pub fn add(&self, n: u64) {
        self.0.store(self.get().saturating_add(n), Ordering::Relaxed);
    }

    /// The count, which may be a moment old for readers on other threads. Counters are independent of one another, and
    /// no other memory is published through them, hence `Relaxed`.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($( $(#[$doc:meta])* $name:ident, )*) => {
        /// The live counters of a link: written by the thread that drives it, readable from any.
        ///
        /// On lines of its own, so that a reader does not slow down what lies beside.
        #[derive(Debug, Default)]
        #[repr(align(128))]
        pub struct Counters {
            $( $(#[$doc])* pub $name: Counter, )*
            pub(crate) per_message: PerMessage,
        }

        impl Counters {
            /// A copy of all counters. They are read one after the other, while the owner may go on.
            pub fn snapshot(&self) -> LinkStats {
                LinkStats { $( $name: self.$name.get(), )* }
            }

            /// Adds messages that are missing, as peers say.
            pub(crate) fn add_gaps(&self, missing: u64) {
                let room = CLAIMED.saturating_sub(self.gaps.get()).max(SMALL_GAP);
                self.gaps.add(missing.min(room));
            }

            /// The messages that the peer of the link called `link`, whose counters these are, does not accept, or that an earlier
            /// peer did not.
            #[must_use]
            pub fn not_accepted_by_message(&self, link: &'static str) -> Vec<NotAccepted> {
                self.per_message.list(link)
            }
        }

        /// A copy of the counters of a link, an input or a queue.
        ///
        /// ```
        /// use mycelium_rt::link::Counters;
        ///
        /// let counters = Counters::default();
        /// counters.sent.add(3);
        /// counters.dropped_newest.add(1);
        /// let stats = counters.snapshot();
        /// assert_eq!((stats.sent, stats.dropped()), (3, 1));
        /// ```
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

counters! {
    /// Messages handed to the kernel, or committed to a ring.
    sent,
    /// Messages taken in and accepted.
    received,
    /// Bytes written, headers and padding included.
    bytes_sent,
    /// Bytes read, headers and padding included.
    bytes_received,
    /// Writes to the kernel, or flushes of a ring, each of which carried at least one message.
    batches,
    /// Messages dropped because the link was full (`drop_newest`).
    dropped_newest,
    /// Messages dropped to make room for newer ones (`drop_oldest`).
    dropped_oldest,
    /// Messages dropped because there was no room in time (`block(timeout)`).
    dropped_timeout,
    /// Messages dropped with an error to the caller (`error`, a refused handshake, a message beyond the limit, a wait that was interrupted).
    dropped_error,
    /// Messages that were accepted but never sent, because the link was closed first.
    dropped_closed,
    /// Messages that were not sent since the peer does not know them: all else flows. They are not numbered, so the peer sees no gap.
    not_accepted,
    /// Messages taken in that this side does not know, and given to the hook of its input.
    unknown,
    /// Messages that were sent but, as the peer said when it came back, had not arrived: those at the end of each connection.
    lost_in_flight,
    /// Messages that the peer numbered but that never arrived here: dropped by the sender or lost with a connection.
    gaps,
    /// Connections that were up and running, and shook hands.
    connects,
    /// Connections that came about after an earlier one had ended.
    reconnects,
    /// Connections that ended, for whatever reason.
    disconnects,
    /// Attempts to connect that failed before the handshake.
    connect_failures,
    /// Times that no connection could be accepted, since descriptors or memory were used up.
    accept_failures,
    /// Handshakes refused by either side, for a mismatch of contracts or of users.
    refused,
    /// Connections turned away since as many as allowed were open.
    refused_busy,
    /// Connections closed since their handshake was not complete in time.
    timed_out,
    /// Connections closed since a frame was not complete in time.
    stalled,
    /// Connections closed for frames that lie, a broken handshake, or a broken ring.
    corrupt,
    /// Connections closed for a message that is not listed for the input.
    unlisted,
    /// Connections closed for a body that its contract does not allow.
    invalid,
}

impl LinkStats {
    /// All messages that this end dropped itself, whatever the reason. Those that the peer does not accept count apart, as
    /// [`not_accepted`](Self::not_accepted).
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
    fn peers_that_claim_much_cannot_stop_the_count() {
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
