//! The dynamic bus: what reaches whom, what is lost where, and how services live on it.
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
