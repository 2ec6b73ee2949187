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
pub(crate) mod dead_letter;
mod ending;
mod error;
mod executor;
pub(crate) mod generated;
mod health;
pub(crate) mod held;

mod inbox;
mod incoming;
mod launch;
mod ledger;
pub(crate) mod opening;
pub(crate) mod park;
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
pub(crate) mod topology;
mod watchdog;

pub use crate::config::{DeadLetter, Stuck};
pub use crate::link::closing::{Left, LeftAt};
pub use crate::routing::Origin;
pub use dead_letter::{InFlight, InFlightRecord, LaneWatch};
#[cfg(feature = "tokio")]
pub(crate) use ending::Ending;
pub use error::StartError;
pub use health::{Doing, Health, LaneHealth, RingHealth, TaskHealth};
pub use launch::{Launcher, start, start_with};
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
