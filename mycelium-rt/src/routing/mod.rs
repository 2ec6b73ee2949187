//! Routing: the traits that services and routers meet in.
//!
//! A service is a plain struct whose handlers are marked by [`#[service]`](macro@crate::service); it says what it takes
//! ([`Handle`]) and what it needs of its surroundings ([`Emit`], [`Request`], [`Clock`]). A router, made by
//! [`routing_config!`](crate::routing_config), has a [`Route`] for each message and lends every service a context that
//! reaches exactly the services after it.

pub(crate) mod core;
mod describe;
pub(crate) mod dispatch;
mod driven;
pub(crate) mod due_work;
mod emit;
mod failure;
pub(crate) mod gathered;
mod handed;
mod handle;
pub(crate) mod hook;
pub(crate) mod local;
pub(crate) mod no_service;
pub(crate) mod order;
mod origin;
pub(crate) mod outcome;
mod published;
pub(crate) mod reply;
mod request;
pub(crate) mod room;
mod route;
pub(crate) mod service;
mod source;
mod stats;
mod text;
mod ticking;
mod timer;
pub(crate) mod timer_queue;
pub(crate) mod turn;

pub use self::describe::{InputInfo, RouteInfo, RoutePath, Routes, ServiceInfo, print_routes, routes_text};
pub use self::dispatch::{Answer, Dispatch, DispatchContext, OnBus};
pub use self::driven::{Driven, Due};
pub use self::emit::Emit;
pub use self::failure::{ErrorText, HandlerError, HandlerFailure, ReportFailure};
#[cfg(feature = "tokio")]
pub(crate) use self::gathered::MOST_GATHERED;
pub use self::handed::Handed;
pub use self::handle::{Handle, HandleAsync, Handles, TaskOnly};
pub use self::hook::HookError;
pub(crate) use self::local::local_stats;
pub use self::origin::Origin;
pub use self::outcome::{Failed, Outcome, Settled, Unanswered};
pub use self::request::Request;
pub use self::route::Route;
pub(crate) use self::service::contains;
pub use self::service::{Handled, MessageRef, Service};
pub use self::source::{Poll, Polled, Source, SourceState};
pub use self::stats::{LocalStats, NamedLinkStats, ServiceStats, Stats};
pub(crate) use self::text::Text;
pub(crate) use self::ticking::Ticking;
pub use self::timer::Timer;
pub use crate::clock::Clock;

#[cfg(not(all(test, mycelium_loom)))]
#[doc(hidden)] // Its former place.
pub use crate::link::Closed;
