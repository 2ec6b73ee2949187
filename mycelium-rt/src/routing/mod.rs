//! Routing: the traits through which services and routers meet.
//!
//! A service is a plain struct whose handlers are marked by [`#[service]`](macro@crate::service); it declares what it takes
//! ([`Handle`]) and what it needs of its context ([`Emit`], [`Request`], [`Clock`]). A router, made by
//! [`routing_config!`](crate::routing_config), has a [`Route`] for each message and lends each service a context that
//! reaches exactly the services after it.

// What services implement and return, and what they call.
mod context;
mod failure;
pub(crate) mod outcome;
pub(crate) mod service;

// What a router is checked for at compile time.
pub(crate) mod checks;
pub(crate) mod no_service;
pub(crate) mod order;

// How messages reach handlers.
pub(crate) mod dispatch;
pub(crate) mod filter;
pub(crate) mod handed;

// What a router holds beside its services.
mod stats;

pub(crate) mod room;

pub(crate) mod local;

pub(crate) mod pace;

pub(crate) mod core;

// What a router does in one turn.
pub(crate) mod timer_queue;
pub(crate) mod turn;

// What tools read of it.
mod describe;

pub(crate) use self::checks::{Text, contains};
pub use self::context::{Emit, ReportFailure, Request, Route};
pub use self::describe::{InputInfo, RouteInfo, RoutePath, Routes, ServiceInfo, print_routes, routes_text};
pub use self::dispatch::{Answer, Dispatch, DispatchContext, OnBus};
pub use self::failure::{ErrorText, HandlerError, HandlerFailure};
pub use self::handed::Handed;
#[cfg(feature = "bus")]
pub(crate) use self::handed::MOST_GATHERED;
pub(crate) use self::local::{Counted, local_stats};
pub use self::outcome::{Failed, HookError, Outcome, Poll, Polled, Settled, SourceState, Unanswered};
pub use self::service::{
    Driven, Due, Handle, HandleAsync, Handled, Handles, MessageRef, Service, Source, TaskOnly, Timer,
};
pub use self::stats::{LocalStats, NamedLinkStats, PaceStats, ServiceStats, Stats};
pub use self::turn::Origin;
pub use crate::clock::Clock;

#[cfg(all(feature = "lanes", not(all(test, mycelium_loom))))]
#[doc(hidden)] // Its former place.
pub use crate::link::Closed;
