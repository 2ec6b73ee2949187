//! The commit protocol: how messages pass from the producer to the consumer through the slots, and slots pass back. It is the same
//! wherever the ring lies, in heap memory or in shared memory.
//!
//! # Words
//!
//! - The *commit word* of a slot is written by the producer. Message `n`, counted from 0, goes into the slot [`place(n)`](super::Geometry::place),
//!   whose commit word is then `n + 1`. Until then the word is that of the lap before, `n + 1 - slots`, or 0 in the first lap.
//! - *Head and body* of a slot are written by the producer, from the moment the cursor has passed the slot's last use until the commit.
//! - The *cursor* is written by the consumer: the first message whose slot it has not given back.
//!
//! What each end does next (`next`) only the end itself knows. The commit word lies in the line of head and body, so that one cache line is
//! all that moves between the two cores for a message of up to 48 bytes; the producer loads the cursor only when the ring looks full.
//!
//! # Order
//!
//! ```text
//! the producer                                        the consumer
//! 1. if the ring looks full: load the cursor, fence   4. load the commit word; if it is `n + 1`: fence
//! 2. write head and body                              5. read head and body
//! 3. store `n + 1` to the commit word, release        6. store the cursor, release
//! ```
//!
//! The consumer gives slots back (6) in groups of an eighth of the ring, and at the end of a poll.
//!
//! Many messages at once, `n` to `n + k - 1`, are committed from behind: the producer writes head and body of all of them (2), stores the
//! commit words of all but the first, relaxed, and then that of the first, with release (3). The layout is the same, and a consumer need not
//! know of it. It sees none of them, or all, and does not take the line of a slot away that is still to be written.
//!
//! # Why it holds
//!
//! - A message is complete when it is seen: 3 and 4 are a release and an acquire of the commit word ([`commit`],
//!   [`after_commit_word`]). Without either of them the model `push_and_take` fails.
//! - So is each of many messages: the consumer looks at the commit word of `n + i` only after it has seen that of `n`. The store of the
//!   latter follows all the others and releases them, and its acquire precedes the looks at them, so each is seen as it was stored last,
//!   with head and body. Without either of the two the model `push_all_and_take` fails.
//! - A panic while the messages are written leaves nothing committed: all are written before the first commit word is stored.
//! - A slot is not written while it is read: 6 and 1 are a release and an acquire of the cursor ([`release_cursor`],
//!   [`after_cursor`]). Without either of them the model `wrap` fails.
//! - Messages arrive in order, each at most once: the consumer takes message `n` only where the commit word says `n + 1`, and then moves
//!   on to `n + 1`, before it calls the handler.
//! - No message is overwritten: the producer stops at the cursor plus the capacity, which is at most the number of slots.
//! - Messages that the producer drops are counted exactly: the head of the next message carries the number, as the model `lost_count` and
//!   `tests/property.rs` hold.
//!
//! `tests/property.rs` compares random steps with a `VecDeque`, `tests/threads.rs` runs real threads.
//!
//! # Where the other end is not trusted
//!
//! Another process may write anything at any time. So the head is read once, in one access; the length is checked; the body is copied out
//! before anything reads it ([`Copied`](super::frame::Copied)); a commit word of no lap and a cursor that runs back or ahead are [`Corrupt`]
//! (`tests/corrupt.rs`).
//!
//! How an end sleeps while there is nothing to do is the [`park`](super::park) protocol.

#[cfg(all(test, mycelium_loom))]
use crate::sync::weakening::{self, Rule};
use crate::sync::{Ordering, fence};

// The orderings of the protocol, each named once. In an ordinary build every function is a constant. In a loom build a test weakens one of
// them, to show that the models notice: a model that passes whatever the code does would prove nothing (`every_rule_is_needed`).
//
// The thread sanitizer does not know fences. Under `--cfg mycelium_tsan` the loads before a fence acquire by themselves, which is stronger
// and never weaker. `--cfg mycelium_planted_race` removes the ordering of the commit word, so that the sanitizer has something to find.

/// Orders head and body before the commit word. Partner: [`after_commit_word`].
#[inline(always)]
pub(super) fn commit() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::Commit) {
        return Ordering::Relaxed;
    }
    if cfg!(mycelium_planted_race) { Ordering::Relaxed } else { Ordering::Release }
}

/// The ordering of loads that a fence follows: [`after_commit_word`] or [`after_cursor`].
#[inline(always)]
pub(super) const fn before_fence() -> Ordering {
    if cfg!(mycelium_tsan) { Ordering::Acquire } else { Ordering::Relaxed }
}

/// Orders the commit word before the reads of head and body. Partner: [`commit`].
///
/// A relaxed load and a fence instead of an acquire load, because a peer's words lie in a read-only mapping, and relaxed loads are the
/// only atomic accesses that Rust defines on read-only memory.
#[inline(always)]
pub(super) fn after_commit_word() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::AfterCommitWord) {
        return;
    }
    fence(Ordering::Acquire);
}

/// Orders the reads of slots before the cursor that gives them back. Partner: [`after_cursor`].
#[inline(always)]
pub(super) fn release_cursor() -> Ordering {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::ReleaseCursor) {
        return Ordering::Relaxed;
    }
    Ordering::Release
}

/// Orders the cursor before the writes that reuse the slots. Partner: [`release_cursor`].
#[inline(always)]
pub(super) fn after_cursor() {
    #[cfg(all(test, mycelium_loom))]
    if weakening::is(Rule::AfterCursor) {
        return;
    }
    fence(Ordering::Acquire);
}

/// Why a message was not pushed. The caller still owns the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// No slot is free.
    #[error("the ring is full")]
    Full,
    /// The body is longer than the slots of this ring.
    #[error("the body does not fit into a slot")]
    TooLong,
    /// The other end is closed for good.
    #[error("the other end is gone")]
    Closed,
    /// The other end broke the protocol of the ring.
    #[error("the ring is corrupt")]
    Corrupt(#[from] Corrupt),
}

/// An impossible word of the other end: the ring must not be used any longer. Never happens on a ring within one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Corrupt {
    /// A commit word that belongs to no lap.
    #[error("commit word {word} where message {next} is expected")]
    CommitWord {
        /// The commit word.
        word: u64,
        /// The sequence number of the expected message.
        next: u64,
    },
    /// A cursor that moved backwards, or past the producer.
    #[error("cursor {cursor} where the next message is {next}")]
    Cursor {
        /// The cursor.
        cursor: u64,
        /// The sequence number of the producer's next message.
        next: u64,
    },
    /// A body longer than its slot.
    #[error("body of {len} bytes in a slot for {max}")]
    Length {
        /// The length in the head of the slot, in bytes.
        len: u32,
        /// The longest body that the slot holds, in bytes.
        max: u32,
    },
}
