//! Other libraries as ports.

pub mod broadcast;
pub mod channel;
pub mod dispatch;
#[cfg(feature = "heavy-peers")]
pub mod iceoryx;
#[cfg(feature = "heavy-peers")]
pub mod ipc;
pub mod spsc;
pub mod stream;
pub mod task;
#[cfg(feature = "heavy-peers")]
pub mod zenoh;
