//! Services behind a tokio task, as `via task(N)` uses them.
//!
//! The service moves to a task on a runtime that the caller provides. Messages reach it through a bounded ring, in order, and its
//! handlers, `async fn` or plain, run one at a time. What it emits comes back by a second ring, the *outbox*, which the
//! router empties in its `poll`. Its timers and sources run on the task, too, between messages: by the clock of `Config::clock`, which
//! `now` shows as well, or without one by tokio's, while `now` is the time of day. Once the sender is closed, timers and sources stop, and
//! the task takes what is left and gives the service back. After a panic the service can be restarted: see [`spawn_in`].
//!
//! ```
//! use contracts::{Fill, Order};
//! use mycelium_rt::routing::{Dispatch, Handed};
//! use mycelium_rt::task::{self, Context, Emits, TaskSpec};
//! use mycelium_rt::{Emit, Message, service};
//! use std::time::Duration;
//!
//! #[derive(Default)]
//! struct Journal {
//!     fills: u64,
//! }
//!
//! #[service]
//! impl Journal {
//!     #[handle]
//!     async fn on_fill(&mut self, _fill: &Fill, cx: &mut impl Emit<Order>) -> Result<(), std::io::Error> {
//!         tokio::task::yield_now().await; // writes it somewhere
//!         self.fills += 1;
//!         cx.emit(&Order::default());
//!         Ok(())
//!     }
//! }
//!
//! // The rest is what `routing_config!` writes for `Fill => [journal via task(256)]`.
//! enum JournalRoutes {}
//!
//! impl Dispatch<Context<Self>> for JournalRoutes {
//!     type Service = Journal;
//!
//!     async fn deliver(journal: &mut Journal, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
//!         match id {
//!             Fill::ID => task::deliver::<Fill, _, _>(journal, body, cx).await,
//!             _ => cx.refuse(id, &"not routed here"),
//!         }
//!     }
//! }
//! impl Emits<Order> for JournalRoutes {}
//!
//! let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
//! let spec = TaskSpec { capacity: 256, max_body: size_of::<Fill>(), outbox: 256, ..TaskSpec::new("journal") };
//! let (mut sender, mut outbox, mut task) = task::spawn::<_, JournalRoutes>(runtime.handle(), Journal::default(), spec)?;
//! sender.send(&Fill::default())?;
//! sender.send(&Fill::default())?;
//! sender.close();
//! let journal = task.finish(Duration::from_secs(10))?;
//! assert_eq!(journal.fills, 2);
//! let mut orders = 0;
//! outbox.poll(usize::MAX, |id, _body| orders += u64::from(id == Order::ID));
//! assert_eq!(orders, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod context;
mod handle;
mod progress;
mod rings;
pub(crate) mod spawn;
mod spec;
pub(crate) mod tasked;

use tokio::runtime::Handle;

use crate::link::{ConfigError, LinkError, RingSender};
use crate::routing::Dispatch;

pub use context::{Context, Emits};
pub use handle::{Task, TaskError, TaskStats};
pub use rings::Outbox;
#[doc(hidden)] // Its former name.
pub use spec::TaskEnv as Surroundings;
pub use spec::{TaskEnv, TaskSpec};

pub use crate::routing::dispatch::{deliver, deliver_batch};

/// Moves `service` to a task on the runtime of `handle`. All memory is allocated here: both rings, and a buffer for one message, or for 64
/// if a handler takes `&[M]`.
///
/// The caller keeps the sender to the task, the outbox with what it emits, and the task itself.
///
/// If the service panics, the task ends, or the process: the service is not made again.
///
/// # Errors
/// A ring that cannot be made, or the policy [`OnFull::DropOldest`](crate::link::OnFull::DropOldest): only the receiver frees slots of a ring.
/// [`ConfigError::NoFactory`] with the policy [`OnPanic::Restart`](crate::lane::OnPanic::Restart), for which there is [`spawn_in`].
/// [`ConfigError::NoTimer`] for a service with timers or sources, on a runtime without `enable_time`.
pub fn spawn<S, R>(handle: &Handle, service: S, spec: TaskSpec) -> Result<(RingSender, Outbox, Task<S>), LinkError>
where
    S: Send + 'static,
    R: Dispatch<Context<R>, Service = S> + 'static,
{
    spawn_in::<S, R>(handle, service, spec, TaskEnv::new(&crate::Config::new()))
}

/// As [`spawn`], with a clock, a hook for lost messages, and a factory that makes the service again after a panic.
///
/// What waits in the queue of the task outlives a restart: only what the handler was called with is lost.
///
/// # Errors
/// As there; and for the policy [`OnPanic::Restart`](crate::lane::OnPanic::Restart) without a factory, in a program built with
/// `panic = "abort"`, or on a runtime without `enable_time`.
pub fn spawn_in<S, R>(
    handle: &Handle,
    service: S,
    spec: TaskSpec,
    env: TaskEnv<S>,
) -> Result<(RingSender, Outbox, Task<S>), LinkError>
where
    S: Send + 'static,
    R: Dispatch<Context<R>, Service = S> + 'static,
{
    let (sender, outbox, mut task) = spawn::prepare::<S, R>(handle, service, spec, env)?;
    task.begin();
    Ok((sender, outbox, task))
}

/// The runtime of `config`, for the service called `service`.
///
/// # Errors
/// The configuration names no runtime.
pub fn runtime<'a>(config: &'a crate::Config, service: &str) -> Result<&'a Handle, ConfigError> {
    config.get_tokio().ok_or_else(|| ConfigError::NoRuntime { service: service.to_owned() })
}
