use crate::lane::OnPanic;
use crate::link::{Batch, OnFull};
use crate::routing::HandlerFailure;

/// What a task is made from, besides its service.
#[derive(Clone, Copy, Debug)]
pub struct TaskSpec {
    /// The service, as the router calls it.
    pub service: &'static str,
    /// Messages that wait for the task, at most.
    pub capacity: usize,
    /// The largest body of the messages that are sent to it, in bytes.
    pub max_body: usize,
    /// What happens to a message that finds the ring full.
    pub on_full: OnFull,
    /// When a task that sleeps is woken: it takes what is there without being told.
    pub batch: Batch,
    /// Messages that the task has emitted and the router has not taken yet, at most; 0 for a service that emits nothing.
    /// One that finds the outbox full is dropped and counted: a task that waited for a router that waits for the task would
    /// never end.
    pub outbox: usize,
    /// The largest body of the messages that the task emits, in bytes.
    pub max_emitted: usize,
    /// What follows a panic: with [`OnPanic::Stop`] the task ends, with [`OnPanic::Restart`] the service is made again and
    /// goes on with the next message. The message at hand is lost in either case, and counted.
    pub on_panic: OnPanic,
    /// Called on the task for every handler, source and timer that fails.
    pub hook: Option<fn(&HandlerFailure<'_>)>,
}

impl TaskSpec {
    /// Room for 256 messages of up to 1,024 bytes, and the default policies; the service called `service` emits nothing.
    pub const fn new(service: &'static str) -> Self {
        Self {
            service,
            capacity: 256,
            max_body: 1024,
            on_full: OnFull::Block,
            batch: Batch::low_latency(),
            outbox: 0,
            max_emitted: 1024,
            on_panic: OnPanic::Stop,
            hook: None,
        }
    }
}
