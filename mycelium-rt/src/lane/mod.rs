//! Lanes: the threads and tasks that drive a router.
//!
//! A lane owns some services of a router and calls them directly, as a router in one thread does. Between lanes, messages go through
//! rings. Each lane looks at its inputs, rings, sources and timers in turns, a bounded amount of each, so that none starves another;
//! when there is nothing to do, it waits as its [`Wait`] says.
//!
//! [`routing_config!`](crate::routing_config) writes the [`RouterSpec`] and a [`Body`] for each lane; what starts, drives, supervises and ends
//! them is here.
#![forbid(unsafe_code)]

mod affinity;
mod control;
mod dead_letter;
mod ending;
mod error;
mod executor;
mod generated;
mod health;
mod held;
mod hooks;
mod inbox;
mod incoming;
mod launch;
mod ledger;
mod left;
mod opening;
mod park;
#[cfg(feature = "tokio")]
mod producers;
pub(crate) mod rest;
mod running;
mod sender;
mod setup;
mod signals;
mod spec;
mod spin_policy;
pub(crate) mod supervise;
mod system;
mod threads;
#[cfg(feature = "tokio")]
mod tokio_lane;
mod topology;
mod watchdog;

pub use crate::routing::Origin;
pub use dead_letter::{DeadLetter, InFlight, InFlightRecord, LaneWatch};
#[cfg(feature = "tokio")]
pub(crate) use ending::Ending;
pub use error::StartError;
pub use health::{Doing, Health, LaneHealth, RingHealth, TaskHealth};
pub(crate) use hooks::Hooks;
pub use launch::{Launcher, start, start_with};
pub use left::{Left, LeftAt};
pub use opening::Opening;
pub use park::{Parking, Waits};
#[cfg(feature = "tokio")]
pub(crate) use producers::Producers;
pub use running::{Broken, Running, Shutdown};
pub use sender::{MAX_SENDERS, Sender};
pub use signals::Signals;
pub use spec::{LaneSpec, OnPanic, Place, Restart, RingKind, RingSpec, ServiceSpec, Wait};
#[doc(hidden)] // Its former name.
pub use system::RouterSpec as System;
pub use system::{Arrival, LaneProgram, Routed, RouterSpec};
#[cfg(feature = "tokio")]
pub(crate) use tokio_lane::is_on_task;
pub use watchdog::Stuck;

/// What expansions of the macros use; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use super::dead_letter::LaneWatch;
    pub use super::generated::*;
    pub use super::held::{Absent, Always, Elsewhere, Ends, Held, Here, Owned, Present, Sometimes, Spot};
    pub use super::launch::Launcher;
    pub use super::left::Left;
    pub use super::opening::Opening;
    pub use super::park::{Parking, Waits};
    pub use super::spec::{LaneSpec, OnPanic, Place, Restart, RingKind, RingSpec, ServiceSpec, Wait};
    pub use super::system::{Arrival, LaneProgram, Routed, RouterSpec};
    pub use super::topology::{InputNode, Receiver, RoutedTo, ServiceNode, Solved, Topology, WaitFor};
    pub use crate::routing::__private::close_links;
}
