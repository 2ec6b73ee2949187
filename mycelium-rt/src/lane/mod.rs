//! Lanes: the threads and tasks that drive a router.
//!
//! A lane owns some services of a router and calls them directly, as a router on one thread does. Between lanes, messages go through
//! rings. A lane works in turns: a bounded amount from each ring, input, timer and source, so that none starves another. When there is
//! nothing to do, it waits as its [`Wait`] says.
//!
//! [`routing_config!`](crate::routing_config) writes the [`RouterSpec`] and a [`LaneProgram`] for each lane. This module starts, drives,
//! supervises and ends them.
#![forbid(unsafe_code)]

// What the macro writes, and what its code needs.
pub(crate) mod dead_letter;
pub(crate) mod generated;
pub(crate) mod held;
pub(crate) mod park;
mod program;
mod spec;
pub(crate) mod topology;

// How a system starts.
mod affinity;
mod error;
pub(crate) mod start;

// How a lane runs: it takes what arrives, turns, rests, and follows a failure.
mod executor;
mod incoming;
pub(crate) mod rest;
mod sender;
mod spin_policy;
pub(crate) mod supervise;
#[cfg(feature = "tokio")]
mod tokio_lane;
#[cfg(all(feature = "tokio", target_os = "linux", not(mycelium_portable)))]
mod tokio_task;

// How a system ends.
mod end;
#[cfg(all(unix, feature = "signals"))]
mod signals;

// A running system, as its owner sees it.
mod health;
mod running;

pub use crate::config::{DeadLetter, Stuck};
pub use crate::link::closing::{Left, LeftAt};
pub use crate::routing::Origin;
pub use dead_letter::{InFlight, InFlightRecord, LaneWatch};
#[cfg(feature = "tokio")]
pub(crate) use end::{Ending, Producers};
pub use error::StartError;
pub use health::{Doing, Health, LaneHealth, RingHealth, TaskHealth};
pub use park::{Parking, Waits};
#[doc(hidden)] // Its former name.
pub use program::RouterSpec as System;
pub use program::{Arrival, LaneProgram, Routed, RouterSpec};
pub use running::{Broken, Running, Shutdown};
pub use sender::{MAX_SENDERS, Sender};
#[cfg(all(unix, feature = "signals"))]
pub use signals::Signals;
pub use spec::{LaneSpec, OnPanic, Place, RealTime, Restart, RingKind, RingSpec, ServiceSpec, Wait};
pub use start::{Launcher, Opening, start, start_with};
