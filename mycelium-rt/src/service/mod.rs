//! Services on tokio, whether behind a task of a router or on a bus: one runner for both.
//!
//! A service is driven turn by turn. A turn hands over the messages that are there, then calls the timers that are due, then asks the
//! sources: the order of a lane (`routing::timers`), and each of it bounded. Between two turns others of the tokio runtime run. A service
//! that finds nothing to do waits for a message, for its clock, or to be told to end.
//!
//! - A panic loses the messages at hand, and nothing else. What waits in the inbox, or was taken out of it together with them, is handed
//!   to the service that is made again. Its timers and sources begin again with it.
//! - The end comes in two steps. First sources and timers stop, for good: after a restart, too. Then no more messages come in, those
//!   that are left are handed over, and the runner returns. `Host::fall_quiet` is called after everything that sources and timers have
//!   emitted is published, so whoever sees a service quiet and its messages settled sees all that it emits.
//! - A deadline ends a service between two calls (`Next::Stop`), or where its handler waits: whoever ends it drops the future.
//!
//! What differs is behind two traits, so that everything is monomorphic. `Inbox` is where messages come from: the ring of one sender, or
//! what a bus has published. `Host` is the context of handlers, which emits to the outbox of a task, or publishes; it counts and tells.
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
