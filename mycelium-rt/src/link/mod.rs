//! Links: how messages leave the process and enter it.
//!
//! A *link* sends, and connects; an *input* receives, and binds. Both are driven by the thread that owns them and have no
//! threads of their own. Between two threads of one process a ring does the same ([`RingSpec`]). Delivery is in order and at most once
//! per link; what is dropped is counted ([`LinkStats`]) and visible to the receiver.
#![forbid(unsafe_code)]

mod accept_throttle;
mod address;
pub(crate) mod backoff;
pub(crate) mod batch_progress;
#[doc(hidden)]
pub mod closing;
mod config;
pub(crate) mod connection;
pub(crate) mod delivery;
mod error;
mod files;
mod frame_deadline;
mod full;
pub(crate) mod handshakes;
mod input;
mod interrupt;
mod limits;
mod not_accepted;
mod outbound;
pub(crate) mod outgoing;
mod peer_end;
mod peers;
mod places;
pub(crate) mod plausible;
mod policy;
pub(crate) mod poll_throttle;
pub(crate) mod report;
pub(crate) mod send_end;
pub(crate) mod sender;
mod sessions;
mod spec;
mod stats;
pub(crate) mod taken;
#[doc(hidden)]
pub mod transport;
pub(crate) mod unknown;
pub(crate) mod wait;

pub use crate::counters::{Counter, LinkWords};
pub use address::Address;
pub use config::{Config, Users};
pub use connection::Status;
pub use error::{ConfigError, LinkError, SendError};
pub use input::Input;
pub use interrupt::Interrupt;
pub use limits::Limits;
pub use not_accepted::NotAccepted;
pub use outbound::Link;
pub use policy::{Batch, OnFull};
pub use spec::{InputSpec, LinkSpec};
pub use stats::{Counters, LinkStats};
pub use transport::stream::{Stream, StreamInput, StreamLink};
#[cfg(feature = "tokio")]
pub(crate) use transport::threads::Unchecked;
pub use transport::threads::{RingReceiver, RingSender, RingSpec};
#[cfg(feature = "tls")]
pub use transport::tls::Tls;
pub use unknown::{Unknown, UnknownHook};
pub use wait::{Interest, wait};
