//! One bounded ring between one producer and one consumer: in heap memory between two threads, or in shared memory between processes.
//!
//! A slot carries its own commit word, so that one cache line is all that moves between the two cores for a message of up to 48
//! bytes. Each end keeps its position to itself; the only thing that the producer reads from the consumer is a cursor, and that only
//! when the ring looks full.
//!
//! **Guarantees.** Messages arrive in the order in which they were pushed, each at most once, and all of them as long as the consumer
//! polls. A full ring hands control back to the producer ([`PushError::Full`]); if it chooses to drop, [`Producer::note_lost`] makes
//! the next message say so. Nothing allocates after the ring is made.
//!
//! ```
//! let (mut producer, mut consumer) = mycelium_rt::ring::queue(1024, 48)?;
//! producer.push_bytes(7, &[1, 2, 3])?;
//! producer.flush();
//! consumer.poll(64, |frame| {
//!     assert_eq!((frame.type_id, frame.lost, frame.body), (7, 0, [1, 2, 3].as_slice()));
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The models leave out shared memory, which uses the rest.
#![cfg_attr(all(test, mycelium_loom), allow(dead_code))]

// What a planted defect takes away, the proofs of the unsafe blocks rest on.
#[cfg(all(any(mycelium_planted_race, mycelium_planted_overflow), not(mycelium_sanitized)))]
compile_error!("the planted defects are for `.ci/sanitize` alone");

mod barrier;
mod bodies;
mod consumer;
#[cfg(not(all(test, mycelium_loom)))]
mod copy;
mod geometry;
mod lines;
#[cfg_attr(all(test, mycelium_loom), path = "model_memory.rs")]
mod memory;
#[cfg(all(test, mycelium_loom))]
mod models;
mod producer;
mod queue;
mod reader;
mod rules;
mod shared;
mod slot;
mod spin;
#[cfg(all(test, not(mycelium_loom)))]
mod tests;
mod wake_word;
mod writer;

/// What the ring in shared memory is made of.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) mod parts {
    pub(crate) use super::barrier::Barrier;
    pub(crate) use super::bodies::Copied;
    pub(crate) use super::copy::copy_words;
    pub(crate) use super::lines::Lines;
    pub(crate) use super::memory::Memory;
    pub(crate) use super::reader::{PollError, Reader};
    pub(crate) use super::spin::{Deadline, spin_until};
    pub(crate) use super::writer::Writer;
}

pub(crate) use barrier::before_sleep;
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) use barrier::register;
pub use consumer::Consumer;
pub use geometry::{Geometry, GeometryError, MAX_BODY, MAX_RING_BYTES, MAX_SLOTS};
pub use producer::Producer;
pub use queue::{Ready, queue, task_queue};
pub use slot::Frame;

/// Why a message was not pushed. The message is still the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// No slot is free.
    #[error("the ring is full")]
    Full,
    /// The body is longer than the slots of this ring.
    #[error("the body does not fit into a slot")]
    TooLong,
    /// The other end is gone for good.
    #[error("the other end is gone")]
    Closed,
    /// The other end broke the rules of the ring.
    #[error("the ring is corrupt: {0}")]
    Corrupt(#[from] Corrupt),
}

/// A word of the other end that cannot be: the ring must not be used any longer. Never seen on a ring inside one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Corrupt {
    /// A commit word that belongs to no lap.
    #[error("commit word {word} where message {next} is awaited")]
    CommitWord {
        /// What the slot says.
        word: u64,
        /// The number of the awaited message.
        next: u64,
    },
    /// A cursor that moved backwards, or past the producer.
    #[error("cursor {cursor} while message {next} is the next")]
    Cursor {
        /// What the consumer says.
        cursor: u64,
        /// The number of the producer's next message.
        next: u64,
    },
    /// A body longer than its slot.
    #[error("a body of {len} bytes in a slot for {max}")]
    Length {
        /// What the slot says.
        len: u32,
        /// What it has room for.
        max: u32,
    },
}
