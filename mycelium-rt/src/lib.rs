//! The runtime of Mycelium: messages, routing traits and the macros.

// On times, where a sum may overflow: see `time`. Tests add to times that they know.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
// A model build leaves out modules that use the rest.
#![cfg_attr(all(test, mycelium_loom), allow(dead_code, unreachable_pub, unused_imports))]
// What only one feature or one system needs of a shared part is unused without it. With all of them, on Linux, nothing is.
#![cfg_attr(
    not(all(
        feature = "net",
        feature = "shm",
        feature = "tls",
        feature = "tokio",
        feature = "signals",
        target_os = "linux",
        not(mycelium_portable)
    )),
    allow(dead_code, unreachable_pub, unused_imports)
)]

// The macros name this crate by its path from outside, also in its own tests.
extern crate self as mycelium_rt;

// In the order of their layers: each uses only those before it.
#[cfg(all(test, not(mycelium_loom)))]
mod layers;
#[cfg(all(test, mycelium_loom))]
mod modelling;
#[cfg(feature = "lanes")]
mod sync;

#[cfg(feature = "lanes")]
mod sys;

mod random;
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
mod counters;

#[cfg(feature = "lanes")]
pub mod ring;
#[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable), not(all(test, mycelium_loom))))]
mod shared_memory;

#[cfg(feature = "lanes")]
pub mod wire;

mod policy;
pub mod routing;

#[cfg(feature = "lanes")]
mod schedule;

#[cfg(feature = "lanes")]
mod config;

#[cfg(feature = "lanes")]
pub mod link;

#[cfg(all(feature = "lanes", not(all(test, mycelium_loom))))]
pub mod lane;
/// What has models in there, and nothing else.
#[cfg(all(feature = "lanes", test, mycelium_loom))]
mod lane {
    mod rest;
}

#[cfg(all(feature = "bus", not(all(test, mycelium_loom))))]
mod service;

#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
pub mod task;

#[cfg(all(feature = "bus", not(all(test, mycelium_loom))))]
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
/// The block stays as it is; beside it come impls of [`Handle`] for each message, whose bounds are those of `cx`, and of
/// [`Service`](routing::Service). A type has one such block, and any number of plain ones.
///
/// A handler
/// - takes `&mut self` (or `&self`) and a message `&M`, or `&[M]`: a batch of what has arrived together from an
///   input, a queue or a task (at most 64 messages, never held back to fill up), which on a direct route holds one message;
/// - takes a context if it needs one: `cx: &mut impl Emit<A>`, or `cx: &mut (impl Emit<A> + Emit<B> + Clock)`. It may also
///   ask: `cx: &mut impl Request<Q, Reply = R>`;
/// - returns nothing, or `Result<(), E>` where `E: Display`, or a message as the reply to a request;
/// - is no generic, `unsafe` or `extern` function. An `async fn` runs behind a task, see [`routing::HandleAsync`].
///
/// A method marked `#[source]` takes at most a context and returns [`SourceState`], or `Result<SourceState, E>`: it brings messages in from
/// elsewhere. One marked `#[every("250ms")]` takes at most a context and is called again and again. Methods called `startup`
/// and `shutdown` that take nothing but `&mut self` are the hooks of the service. All of them may fail as handlers do.
///
/// What stands behind `#[cfg(…)]`, the whole block or a method, is generated behind it, too; the mark itself can't stand behind a
/// condition. `#[allow(…)]` and other levels of lints above the block or a method hold in what is generated for it.
///
/// Names of your own are never hidden by generated code, nor the other way round: all that it names is prefixed by `__`, or begins at
/// a crate.
///
/// `#[service(crate = rt)]` is for those who call `mycelium-rt` by another name.
pub use mycelium_macros::service;
#[doc(hidden)]
pub use mycelium_macros::{__routing_config, __where};

#[cfg(feature = "lanes")]
pub use config::Config;
#[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable), not(all(test, mycelium_loom))))]
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
///         Breach => [breaches via local(8)], // stands before `risk`: a back edge, queued until the call is done
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
/// - `contracts: contracts`, or a list: each message of these crates needs a route, or has to be ignored.
/// - `services: { field: Type, … }`, in the order of direct calls. Without it, `routes` lists types, each of which becomes
///   a service with its name in snake case.
/// - `routes: { Message => [a, b via local(16)], other::Message as alias => [c] }`. Besides `local` there are `queue(N)`,
///   `task(N)`, `shm("path")`, `unix("path")` and `tcp("host:port")`.
/// - `inputs: { name: unix("path") [Message] }`: where messages come in from other processes. With `unknown = refuse` a peer that may send
///   other messages is refused, with `unknown = hook(path::to::f)` these go to `f`; see [`link::Unknown`].
/// - `lanes: { hot: pinned(core = 1, wait = spin) [a], cold: thread [b] }`: which thread drives which services once the router is
///   started; one lane with all of them if left out. An input says `[Message] on hot` where its messages go to several lanes.
/// - `ignore: [Message, service: [Message]]`: messages that nobody needs, and handlers that no route has to reach.
/// - `on_error: continue | stop | propagate`, each with an optional `(hook = path::to::f)`.
///
/// What comes out: the struct with a public field for each service, `DeskServices` with the same fields and `From` both
/// ways, `Desk::new` (or `Desk::open`, `poll` and `flush` where there is a link, an input, a queue or a task), `Desk::start` and
/// `Desk::start_with` (see [`lane`]), `route_signal` and [`Route<Signal>`](Route) for each routed message, and `stats()`.
///
/// Whatever is wrong is a compile error at the word that is wrong: a message without a route, one that is emitted where
/// nobody later receives it, a service without that handler, a handler that is never routed, equal ids.
#[macro_export]
macro_rules! routing_config {
    ($($config:tt)*) => {
        $crate::__routing_config! { [$crate] $($config)* }
    };
}

/// Gives tokens back to the compiler that `#[service]` could not read.
#[doc(hidden)]
#[macro_export]
macro_rules! __as_written {
    ($($tokens:tt)*) => {
        $($tokens)*
    };
}

/// Brings in the messages that `mycelium_codegen::compile` generated in the build script of this crate.
///
/// Without an argument it takes `contracts.rs`, the output of a build script's `compile("contracts.yaml")`; with one it
/// takes the output that `Builder::output` named. Several contracts in one crate each want a module of their own. A crate may deny
/// `clippy::pedantic` and `clippy::nursery`: the messages are exempt.
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
        // In a module of its own: what stands beside the call can neither take a name of the generated code nor reach what is
        // private in it. How far the messages reach is a matter of the module that the call stands in.
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
