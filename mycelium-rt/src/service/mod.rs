//! Services on tokio, whether behind a task of a router or on a bus: one runner for both.
//!
//! A service is driven turn by turn. A turn delivers the messages that have arrived, then calls the timers that are due, then the sources.
//! This is the order of a lane (`routing::turn`), and each step is bounded. Between two turns other tasks of the tokio runtime run. A
//! service that finds nothing to do waits for a message, for its clock, or for its end.
//!
//! - A panic loses the messages that are being delivered, and nothing else. What waits in the inbox, or was taken out of it together with
//!   them, goes to the service that is made again. Its timers and sources begin again with it.
//! - The end has two steps. First sources and timers stop for good, also after a restart. Then no more messages come in, those that are
//!   left are delivered, and the runner returns. `Host::sources_stopped` is called after everything that sources and timers have emitted is
//!   published. So a reader that sees them stopped and all messages settled sees everything that the service emits.
//! - A deadline ends a service between two calls (`Next::Stop`), or where its handler waits: then the owner drops the future.
//!
//! What differs is behind two traits, so that everything is monomorphic. `Inbox` is where messages come from: the ring of one sender, or
//! the publishers of a bus. `Host` is the context of handlers, which emits to the outbox of a task, or publishes; it counts and reports.
#![forbid(unsafe_code)]

mod batch;
mod clock;
mod failure;
mod host;
mod runner;

pub(crate) use self::batch::BatchBuffer;
pub(crate) use self::clock::ServiceClock;
pub(crate) use self::failure::{Factory, Failure, Stopped, start};
pub(crate) use self::host::{At, End, Host, Inbox, Next};
pub(crate) use self::runner::{Parts, Runner};
