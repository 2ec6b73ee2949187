//! The runtime of Mycelium, which routes typed messages between the services of a program at the cost of handwritten calls.
//!
//! A build script compiles `contracts.yaml` to message types, [`#[service]`](macro@service) turns the methods of an `impl` block into
//! handlers, and [`routing_config!`] writes a router: a struct that owns its services and calls them directly. The same services also run
//! on threads, as tokio tasks, in several processes and on several hosts; only the routing changes.
//!
//! ```
//! use contracts::{Bar, Signal};
//! use mycelium_rt::{Emit, routing_config, service};
//!
//! struct Strategy;
//!
//! #[service]
//! impl Strategy {
//!     #[handle]
//!     fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
//!         cx.emit(&Signal::default());
//!     }
//! }
//!
//! #[derive(Default)]
//! struct Journal {
//!     signals: u64,
//! }
//!
//! #[service]
//! impl Journal {
//!     #[handle]
//!     fn on_signal(&mut self, _: &Signal) {
//!         self.signals += 1;
//!     }
//! }
//!
//! routing_config! {
//!     name: Desk,
//!     services: { strategy: Strategy, journal: Journal },
//!     routes: {
//!         Bar => [strategy],
//!         Signal => [journal],
//!     },
//! }
//!
//! let mut desk = Desk::new(Strategy, Journal::default());
//! desk.route_bar(&Bar::default()); // returns once the journal has the signal
//! assert_eq!(desk.journal.signals, 1);
//! ```
//!
//! The crate `contracts` holds the messages of all examples in this documentation. A crate of your own generates its messages with
//! `mycelium_codegen::compile` and [`include_contracts!`].
//!
//! # Modules
//!
//! In reading order:
//!
//! | module | contents |
//! |---|---|
//! | [`message`] | The trait of all messages, and the types of their fields. |
//! | [`routing`] | The traits through which services and routers call each other. |
//! | [`lane`] | The threads and tasks that run a router: start, senders, health, shutdown. |
//! | [`link`] | Sending to other processes and receiving from them: links, inputs, configuration, counters. |
//! | [`shm`] | Links over shared memory, and what happens when a process at one end dies. |
//! | [`task`] | Services with `async` handlers, each on a tokio task. |
//! | [`bus`] | Publish, subscribe and request, between services that find each other at run time. |
//! | [`testing`] | Tools for tests: recorders, a manual clock, deterministic schedules, a relay that loses messages. |
//! | [`ring`] | The bounded queue below most paths, between two threads or two processes. |
//! | [`wire`] | The frames and the handshake that links exchange. |
//!
//! # Features
//!
//! `lanes`, `net`, `shm` and `signals` are on by default.
//!
//! | feature | what it adds | implies |
//! |---|---|---|
//! | `lanes` | routers that run on threads, `queue`, and the modules [`lane`], [`link`], [`ring`] and [`wire`] | |
//! | `net` | links and inputs over `unix` and `tcp` | `lanes` |
//! | `shm` | links and inputs over `shm`, and the module [`shm`] | `lanes` |
//! | `signals` | shutdown on SIGINT and SIGTERM, on Linux and macOS | `lanes` |
//! | `tls` | TLS 1.3 on `tcp`, with certificates on both sides | `net` |
//! | `bus` | the module [`bus`]; its links to other processes need `net`, too | `lanes` |
//! | `tokio` | services behind `task`, lanes that are tokio tasks, and the module [`task`] | `bus` |
//!
//! Without any feature, services call each other directly or through `local` queues, on the caller's thread. A router then has `new` and
//! `route_…`, but no `start`, `open` or `poll`: no message leaves the process, and nothing calls timers and sources. A router whose
//! services have any does not compile; a crate that only has the services does.
//!
//! # Systems
//!
//! | system | what works |
//! |---|---|
//! | Linux | everything |
//! | macOS | everything but pinned lanes and shared memory |
//! | Windows | direct calls, `local`, `queue`, `task`, the bus and `tcp` |
//!
//! # Guarantees
//!
//! - **Order.** [`emit`](Emit::emit) returns when every direct receiver has handled the message. Every other path delivers messages in
//!   the order in which they were sent.
//! - **At most once.** No path delivers a message twice: none repeats a message that may have arrived. See [`link`], [`ring`] and [`shm`].
//! - **Validity.** Bytes from another process are checked against the contract before a handler sees them, and a peer that sends
//!   anything invalid is disconnected. See [`Message`] and [`wire`].
//! - **Counted losses.** Every message that a path drops is counted, by the sender with the reason and by the receiver as a gap. See
//!   [`routing::Stats`] and [`link`].
//! - **Bounded memory.** Every queue and every buffer of a link has a fixed bound, whatever peers send.
//!
// Where a feature is off, links to its modules lead to the table of features.
#![cfg_attr(feature = "lanes", doc = "[`lane`]: mod@lane\n[`link`]: mod@link\n[`ring`]: mod@ring\n[`wire`]: mod@wire")]
#![cfg_attr(
    not(feature = "lanes"),
    doc = "[`lane`]: #features\n[`link`]: #features\n[`ring`]: #features\n[`wire`]: #features"
)]
#![cfg_attr(all(feature = "shm", target_os = "linux", not(mycelium_portable)), doc = "[`shm`]: mod@shm")]
#![cfg_attr(not(all(feature = "shm", target_os = "linux", not(mycelium_portable))), doc = "[`shm`]: #features")]
#![cfg_attr(feature = "tokio", doc = "[`task`]: mod@task")]
#![cfg_attr(not(feature = "tokio"), doc = "[`task`]: #features")]
#![cfg_attr(feature = "bus", doc = "[`bus`]: mod@bus")]
#![cfg_attr(not(feature = "bus"), doc = "[`bus`]: #features")]
// Sums of times may overflow: `time` has the safe ones. Tests add to times that they know.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
// The documentation of types that every build has links to what the default features add on Linux.
#![cfg_attr(not(all(feature = "net", feature = "shm", target_os = "linux")), allow(rustdoc::broken_intra_doc_links))]
// A model build leaves out modules that use the rest.
#![cfg_attr(all(test, mycelium_loom), allow(dead_code, unreachable_pub, unused_imports))]
// On other systems, shared modules contain items that only Linux uses. On Linux, a module of which some features use only a part says so.
#![cfg_attr(any(not(target_os = "linux"), mycelium_portable), allow(dead_code, unreachable_pub, unused_imports))]

// The macros name this crate by its path from outside, also in its own tests.
extern crate self as mycelium_rt;

// In the order of their layers: each uses only those before it. What users name has its feature in a `cfg` of its own: where it is off,
// rustc then says which one it is.
#[cfg(all(test, not(mycelium_loom)))]
mod layers;
#[cfg(all(test, mycelium_loom))]
mod modelling;
#[cfg(feature = "lanes")]
mod sync;

#[cfg(feature = "lanes")]
mod sys;

mod random;
// Only lanes and what is built on them have deadlines.
#[cfg_attr(not(feature = "lanes"), allow(dead_code))]
mod time;

#[cfg(feature = "lanes")]
mod cutoff;
#[cfg(feature = "lanes")]
mod notice;
#[cfg(all(feature = "lanes", not(all(test, mycelium_loom))))]
mod unwind;

mod reading;

pub mod message;

mod clock;
// Only lanes have links to count for, and a block of counters that several threads write.
#[cfg_attr(not(feature = "lanes"), allow(dead_code, unreachable_pub, unused_imports))]
mod counters;

// Only `shm` makes a ring of its parts in the memory of two processes.
#[cfg(feature = "lanes")]
#[cfg_attr(not(feature = "shm"), allow(dead_code, unused_imports))]
pub mod ring;
#[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable), not(all(test, mycelium_loom))))]
mod shared_memory;

#[cfg(feature = "lanes")]
pub mod wire;

// Only links, queues and tasks have batches.
#[cfg_attr(not(feature = "lanes"), allow(dead_code, unreachable_pub))]
mod policy;
// Only with lanes are there turns, timers and ends.
#[cfg_attr(not(feature = "lanes"), allow(dead_code, unused_imports))]
pub mod routing;

#[cfg(feature = "lanes")]
mod schedule;

#[cfg(feature = "lanes")]
mod config;

#[cfg(feature = "lanes")]
pub mod link;

#[cfg(feature = "lanes")]
#[cfg(not(all(test, mycelium_loom)))]
pub mod lane;
/// In a model build, only the part of `lane` that has models.
#[cfg(all(feature = "lanes", test, mycelium_loom))]
mod lane {
    mod rest;
}

#[cfg(all(feature = "bus", not(all(test, mycelium_loom))))]
mod service;

#[cfg(feature = "tokio")]
#[cfg(not(all(test, mycelium_loom)))]
pub mod task;

#[cfg(feature = "bus")]
#[cfg(not(all(test, mycelium_loom)))]
pub mod bus;

pub mod testing;

/// Makes the methods of an `impl` block that are marked `#[handle]` the handlers of a service.
///
/// ```
/// use contracts::{Bar, Signal};
/// use mycelium_rt::{Clock, Emit, service};
///
/// struct Strategy {
///     bars: u64,
/// }
///
/// #[service]
/// impl Strategy {
///     #[handle]
///     fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Clock)) {
///         self.bars += 1;
///         if bar.day < cx.now() {
///             cx.emit(&Signal::default());
///         }
///     }
/// }
/// ```
///
/// The macro keeps the block as it is, and adds an impl of [`Handle`] for each message, with the bounds of `cx`, and one of
/// [`Service`](routing::Service). A type has one such block, and any number of plain ones.
///
/// A handler
/// - takes `&mut self` or `&self`, and a message `&M` or a batch `&[M]`. A batch holds the messages that have arrived together from an
///   input, a queue or a task: at most 64, and none waits for others. On a direct route it holds one message;
/// - takes a context if it needs one: `cx: &mut impl Emit<A>`, or `cx: &mut (impl Emit<A> + Emit<B> + Clock)`, or, to request a
///   reply, `cx: &mut impl Request<Q, Reply = R>`;
/// - returns nothing, or `Result<(), E>` where `E: Display`, or a message as the reply to a request;
/// - is not generic, `unsafe` or `extern`. An `async fn` runs behind a task, see [`routing::HandleAsync`].
///
/// The other methods of a service, each of which may return a `Result` as handlers do:
/// - One marked `#[source]` brings in messages from elsewhere. It takes at most a context and returns [`SourceState`]. With
///   `#[source(when = is_ready)]` it is called only while `fn is_ready(&self) -> bool` says so; with `weight = 4` it may be called four
///   times as often in one turn.
/// - One marked `#[every("250ms")]` is called once per period. It takes at most a context.
/// - `startup` and `shutdown`, which take only `&mut self`, are called before the first message and after the last.
///
/// `#[cfg(…)]` and lint levels such as `#[allow(…)]`, above the block or a method, also apply to the code generated for it. The mark
/// itself can't be conditional: `#[cfg_attr(…, handle)]` is an error.
///
/// Generated code and your own code never clash over names: every name in generated code begins with `__`, and every path in it begins
/// at a crate.
///
/// If a crate renames `mycelium-rt` to `rt`, it writes `#[service(crate = rt)]`.
pub use mycelium_macros::service;
#[doc(hidden)]
pub use mycelium_macros::{__routing_config, __where};

#[cfg(feature = "lanes")]
pub use config::Config;
#[cfg(feature = "shm")]
#[cfg(all(target_os = "linux", not(mycelium_portable), not(all(test, mycelium_loom))))]
#[doc(inline)]
pub use link::transport::shm;
pub use message::{
    CapacityError, DecodeError, Decoded, DurationNs, FixedBytes, FixedStr, I128, Message, MessageInfo,
    ParseDecimalError, ParseU256Error, Rule, TimeRangeError, TimestampNs, U128, U256, UnknownVariant, ValidationError,
};
#[doc(hidden)]
pub use routing::Poll;
pub use routing::{Clock, Emit, Handle, HandlerError, HandlerFailure, Request, Route, SourceState};

/// Writes a router: a plain struct that owns its services and calls them directly, in the order of `services`.
///
/// ```
/// use contracts::{Breach, Order, Signal};
/// use mycelium_rt::{Emit, routing_config, service};
///
/// #[derive(Default)]
/// struct Risk;
///
/// #[service]
/// impl Risk {
///     #[handle]
///     fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Order> + Emit<Breach>)) -> Result<(), String> {
///         if signal.target.0 > 100 {
///             cx.emit(&Breach::default());
///             return Err(format!("a target of {} is too much", signal.target.0));
///         }
///         cx.emit(&Order::default());
///         Ok(())
///     }
/// }
///
/// #[derive(Default)]
/// struct Orders {
///     count: u64,
/// }
///
/// #[service]
/// impl Orders {
///     #[handle]
///     fn on_order(&mut self, _: &Order) {
///         self.count += 1;
///     }
/// }
///
/// #[derive(Default)]
/// struct Breaches {
///     count: u64,
/// }
///
/// #[service]
/// impl Breaches {
///     #[handle]
///     fn on_breach(&mut self, _: &Breach) {
///         self.count += 1;
///     }
/// }
///
/// routing_config! {
///     name: Desk,
///     services: { breaches: Breaches, risk: Risk, orders: Orders },
///     routes: {
///         Signal => [risk],
///         Order => [orders],
///         Breach => [breaches via local(8)], // comes before `risk`: a route back, queued until the call is done
///     },
///     on_error: propagate,
/// }
///
/// let mut desk = Desk::new(Breaches::default(), Risk, Orders::default());
/// assert_eq!(desk.route_signal(&Signal::default()), Ok(()));
/// assert_eq!((desk.orders.count, desk.breaches.count), (1, 0));
///
/// let mut large = Signal::default();
/// large.target.0 = 101;
/// let error = desk.route_signal(&large).unwrap_err();
/// assert_eq!(error.to_string(), "`risk` failed on `Signal`: a target of 101 is too much");
/// assert_eq!((desk.orders.count, desk.breaches.count), (1, 1));
/// ```
///
/// The sections, in any order; commas at ends are optional:
///
/// - `name: pub Desk`, with attributes and documentation above it.
/// - `contracts: contracts`, or a list: each message of these crates needs a route, or an entry in `ignore`.
/// - `services: { field: Type, … }`, in the order of direct calls. Without it, `routes` lists types, and each type becomes a service
///   with its name in snake case.
/// - `routes: { Message => [a, b via local(16)], other::Message as alias => [c] }`. Besides `local` there are `queue(N)`,
///   `task(N)`, `shm("path")`, `unix("path")` and `tcp("host:port")`.
///   A link that is full may keep the newest message of each key: `unix("path", on_full = latest(by = |message| message.id, keys = 64))`.
///   Before `via` a receiver may choose its messages: `a if |message| message.value > 3`. Then it may say how often it wants one:
///   `sample("100ms")`, `throttle("100ms")` or `debounce("50ms")`, of all messages or `by = field, keys = 1024`.
/// - `inputs: { name: unix("path") [Message] }`: messages from other processes. `unknown = refuse` refuses a peer that may send
///   other messages; `unknown = hook(path::to::f)` passes those to `f`. See [`link::Unknown`].
/// - `lanes: { hot: pinned(core = 1, wait = spin) [a], cold: thread [b] }`: the thread that drives each service of a started router.
///   Without it, one lane drives them all. If the messages of an input go to several lanes, `[Message] on hot` names the one that polls it.
/// - `ignore: [Message, service: [Message]]`: messages without receivers, and handlers that no route has to reach.
/// - `on_error: continue | stop | propagate`, each with an optional `(hook = path::to::f)`.
///
/// The macro generates:
///
/// - `Desk`, a struct with a public field for each service, and `DeskServices` with the same fields and `From` both ways;
/// - `route_signal` and [`Route<Signal>`](Route) for each routed message, and `stats()`;
/// - `Desk::new`; or, with a link, an input, a queue, a task or a pace, `Desk::open`, `poll`, `flush` and `close`;
/// - `Desk::start` and `Desk::start_with`, which run the router on threads (see [`lane`]).
///
/// Without the feature `lanes`, a router is made by `new` and driven by `route_…` only.
///
/// Every mistake is a compile error at the word that is wrong: a message without a route, an emitted message without a later receiver,
/// a service without a handler for a routed message, a handler without a route, two messages with one id.
#[macro_export]
macro_rules! routing_config {
    ($($config:tt)*) => {
        $crate::__with_lanes! { [$crate] [] { $($config)* } }
    };
}

/// Passes tokens that `#[service]` cannot parse to the compiler, which reports the error in them.
#[doc(hidden)]
#[macro_export]
macro_rules! __as_written {
    ($($tokens:tt)*) => {
        $($tokens)*
    };
}

/// Brings in the messages that `mycelium_codegen::compile` generated in the build script of this crate.
///
/// Without an argument it includes `contracts.rs`, the output of `compile("contracts.yaml")`. With one, it includes the output that
/// `Builder::output` named. If a crate has several contracts, put each in a module of its own. Lints of `clippy::pedantic` and
/// `clippy::nursery` do not apply to the messages, even if the crate denies them.
///
/// ```ignore
/// mycelium_rt::include_contracts!();
///
/// pub mod game {
///     mycelium_rt::include_contracts!("game");
/// }
/// ```
#[macro_export]
macro_rules! include_contracts {
    () => {
        $crate::include_contracts!("contracts");
    };
    ($output:literal) => {
        // In a module of its own: code beside the call cannot clash with names of the generated code, or reach its private items.
        // The messages are as visible as the module that contains the call.
        #[allow(unreachable_pub, clippy::pedantic, clippy::nursery)]
        mod __contracts {
            ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $output, ".rs"));
        }
        #[allow(unused_imports)]
        pub use __contracts::*;
    };
}

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
