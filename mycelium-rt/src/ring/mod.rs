//! A bounded ring between one producer and one consumer: in heap memory between two threads, or in shared memory between processes.
//!
//! A slot carries its own commit word, so that one cache line is all that moves between the two cores for a message of up to 48
//! bytes. Each end keeps its own position private. The producer reads only one word of the consumer, a cursor, and only when the ring
//! looks full.
//!
//! **Guarantees.** Messages arrive in the order in which they were pushed, each at most once, and all of them as long as the consumer
//! polls. If the ring is full, a push returns [`PushError::Full`]; if the producer then drops the message, [`Producer::note_lost`] makes the
//! next message carry the number of dropped ones. Nothing allocates after the ring is made.
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

// A planted defect removes what the proofs of the unsafe blocks rely on.
#[cfg(all(any(mycelium_planted_race, mycelium_planted_overflow), not(mycelium_sanitized)))]
compile_error!("the planted defects are for `.ci/sanitize` alone");

mod wait;

mod layout;
#[cfg_attr(all(test, mycelium_loom), path = "model_memory.rs")]
mod memory;

mod park;

mod commit;
mod frame;
mod reader;
mod writer;

mod queue;

#[cfg(all(test, mycelium_loom))]
mod models;
#[cfg(all(test, not(mycelium_loom)))]
mod tests;

/// The parts of which a link makes a ring in shared memory.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) mod parts {
    pub(crate) use super::frame::Copied;
    pub(crate) use super::layout::Lines;
    pub(crate) use super::memory::{Memory, copy_words};
    pub(crate) use super::park::Barrier;
    pub(crate) use super::reader::{PollError, Reader};
    pub(crate) use super::wait::{Deadline, spin_until};
    pub(crate) use super::writer::Writer;
}

pub use commit::{Corrupt, PushError};
pub use frame::Frame;
pub use layout::{Geometry, GeometryError, MAX_BODY, MAX_RING_BYTES, MAX_SLOTS};
pub(crate) use park::before_sleep;
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) use park::register;
pub use queue::{Consumer, Producer, Ready, queue, task_queue};
