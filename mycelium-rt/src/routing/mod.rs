//! Routing: the traits that services and routers meet in.
//!
//! A service is a plain struct whose handlers are marked by [`#[service]`](macro@crate::service); it says what it takes
//! ([`Handle`]) and what it needs of its surroundings ([`Emit`], [`Request`], [`Clock`]). A router, made by
//! [`routing_config!`](crate::routing_config), has a [`Route`] for each message and lends every service a context that
//! reaches exactly the services after it.

mod clock;
mod clock_source;
#[cfg(not(all(test, mycelium_loom)))]
mod closed;
mod core;
mod describe;
mod dispatch;
mod driven;
mod due_work;
mod emit;
mod failure;
mod gathered;
mod handed;
mod handle;
mod hook;
mod local;
mod no_service;
mod order;
mod origin;
mod outcome;
mod published;
mod queue;
mod reply;
mod request;
mod room;
mod route;
mod service;
mod source;
mod stats;
mod text;
mod ticking;
mod timer;
pub(crate) mod timer_queue;
pub(crate) mod turn;

pub use self::clock::Clock;
#[cfg(not(all(test, mycelium_loom)))]
pub use self::closed::Closed;
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

/// What expansions of the macros use; no part of the interface.
#[doc(hidden)]
pub mod __private {

    pub use super::clock_source::ClockSource;
    #[cfg(not(all(test, mycelium_loom)))]
    pub use super::closed::{close_links, close_within};
    pub use super::core::Core;
    pub use super::dispatch::{Delivery, NoDelivery, deliver, deliver_batch};
    pub use super::due_work::{DueWork, ServiceWork};
    pub use super::gathered::{Gathered, Kept, SideBySide, any, any_of, takes_batches};
    pub use super::hook::hook_result;
    pub use super::local::{Budget, Edge, LocalQueue, LocalQueueOf, Losses, Next, NoLocal, Waiting};
    pub use super::no_service::{Choice, Choose, NoService, Probe};
    pub use super::order::{AtMost, Elsewhere, One, OtherThan, SameAs, Zero};
    pub use super::outcome::failed;
    pub use super::queue::{Full as QueueFull, QueueReceiver, QueueSender, back_queue, largest, outbox, queue, queued};
    pub use super::reply::{NoReply, Replier, ReplyProbe, check_replies};
    pub use super::room::{HasRoom, Room, RoomFor, check_room, is_inline};
    pub use super::service::{
        Unfinished, check_distinct_contracts, check_distinct_id, check_excuse, check_handlers, check_reached,
        common_schema, first_of_ids,
    };
    pub use super::turn::{Opened, Program, Unwatched, Watch, poll};
    pub use crate::link::closing::{Closes, linger};
}
