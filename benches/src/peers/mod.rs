//! Other libraries as ports.

pub mod broadcast;
pub mod channel;
pub mod spsc;
pub mod task;
