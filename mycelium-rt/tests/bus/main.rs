//! The dynamic bus: delivery, loss, and the life of services on it.
#![cfg(feature = "tokio")]

mod acceptance;
mod accounting;
mod common;
mod durations;
mod lifecycle;
mod point;
mod publish;
mod remote;
mod request;
mod running;
mod services;
mod supervision;
mod ticking;
mod wakers;
