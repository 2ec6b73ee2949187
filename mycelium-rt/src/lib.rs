//! The runtime of Mycelium: messages, routing traits and the macros.

// On times, where a sum may overflow: see `time`. Tests add to times that they know.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

// The macros name this crate by its path from outside, also in its own tests.
extern crate self as mycelium_rt;

#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
pub mod bus;
#[cfg(not(all(test, mycelium_loom)))]
pub mod lane;
/// What has models in there, and nothing else.
#[cfg(all(test, mycelium_loom))]
mod lane {
    mod rest;
}
pub mod link;
pub mod message;
mod reading;
pub mod ring;
pub mod routing;
#[cfg(not(all(test, mycelium_loom)))]
pub mod shm;
/// What has models elsewhere needs of it, and nothing else.
#[cfg(all(test, mycelium_loom))]
mod shm {
    pub(crate) mod credentials;
}
#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
mod service;
#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
pub mod task;
pub mod testing;
pub mod wire;

mod counters;
mod cutoff;
#[cfg(all(test, mycelium_loom))]
mod modelling;
mod notice;
mod sync;
mod time;
#[cfg(not(all(test, mycelium_loom)))]
mod unwind;

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

pub use link::Config;
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

/// For generated code only: nothing in here is a promise.
#[doc(hidden)]
pub mod __private {
    pub use ::core;

    pub use crate::message::private::*;
    pub use crate::reading::{
        AnyBits, Field, Readable, any_bits, assert_count, assert_next, holds_field, is_variant, nowhere, tag,
    };
    pub use crate::{
        __readable as readable, __readable_enum as readable_enum, __readable_large_enum as readable_large_enum,
        __readable_oneof as readable_oneof,
    };

    /// Generated code calls this first, with the name and the version of its generator. Of two versions that don't fit, the error
    /// that says so then comes before all that the mismatch breaks.
    ///
    /// It is a macro, since rustc looks at constants only once it has found every name, and missing names are what a mismatch is made
    /// of. A pattern can't hold `env!`, so the version of this crate is written here again: raise it with the version of the
    /// workspace, where no contract compiles until that is done.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __generated_by {
        ($generator:literal, "0.1.0") => {};
        ($generator:literal, $version:literal) => {
            ::core::compile_error!(::core::concat!(
                "this code was generated by ",
                $generator,
                " ",
                $version,
                ", but the version of mycelium-rt is 0.1.0: depend on the same version of both, and generate the code again"
            ));
        };
    }
    pub use crate::__generated_by as generated_by;
}
