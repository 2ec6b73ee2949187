//! The ring inside one process: what `queue(N)` and `task(N)` are made of.

use super::barrier::Barrier;
use super::consumer::Consumer;
use super::geometry::{Geometry, GeometryError};
use super::memory::Memory;
use super::producer::Producer;
use super::reader::Reader;
use super::shared::Shared;
use super::writer::Writer;

/// A ring for two threads of this process that holds `capacity` messages of at most `max_body` bytes.
///
/// A flush costs one load as long as the consumer is awake, since the side that goes to sleep pays for the fence of both
/// (`membarrier`, where the kernel has it).
///
/// # Errors
/// When a limit of [`Geometry`] is passed.
pub fn queue(capacity: usize, max_body: usize) -> Result<(Producer, Consumer), GeometryError> {
    build(capacity, max_body, Barrier::in_process())
}

/// A ring between tasks, which wait often and briefly: each flush pays for a fence, and waiting makes no system call.
///
/// # Errors
/// When a limit of [`Geometry`] is passed.
pub fn task_queue(capacity: usize, max_body: usize) -> Result<(Producer, Consumer), GeometryError> {
    build(capacity, max_body, Barrier::Fence)
}

fn build(capacity: usize, max_body: usize, barrier: Barrier) -> Result<(Producer, Consumer), GeometryError> {
    let geometry = Geometry::new(capacity, max_body)?;
    let memory = Memory::heap(geometry);
    let shared = Shared::new();
    Ok((
        Producer::new(Writer::new(memory.clone(), geometry, barrier), shared.clone()),
        Consumer::new(Reader::in_place(memory, geometry, barrier), shared),
    ))
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ready {
    /// There is what was waited for.
    Yes,
    /// The time is over.
    TimedOut,
    /// The other end is gone, and nothing is left of what it sent.
    Closed,
}
