//! Lanes, in systems that are written by hand.

mod drain;
mod durations;
mod health;
mod panics;
mod schedule;
mod senders;
mod starting;
mod support;
mod timers;
#[cfg(feature = "tokio")]
mod tokio_lanes;
mod waiting;
