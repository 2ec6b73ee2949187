//! Links: how messages leave the process and enter it.
//!
//! A *link* sends, and connects; an *input* receives, and binds. Both are driven by the thread that owns them and have no
//! threads of their own. Between two threads of one process a ring does the same ([`RingSpec`]). Delivery is in order and at most once
//! per link; what is dropped is counted ([`LinkStats`]) and visible to the receiver.
#![forbid(unsafe_code)]

mod accept_throttle;
pub(crate) mod backoff;
pub(crate) mod batch_progress;
#[doc(hidden)]
pub mod closing;
pub(crate) mod connection;
pub(crate) mod delivery;
mod error;
mod frame_deadline;
mod full;
pub(crate) mod handshakes;
mod input;
mod interrupt;
mod outbound;
pub(crate) mod outgoing;
mod peer_end;
mod peers;
mod places;
pub(crate) mod plausible;
pub(crate) mod poll_throttle;
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) mod queue;
pub(crate) mod report;
pub(crate) mod send_end;
pub(crate) mod sender;
mod sessions;
mod spec;
pub(crate) mod taken;
#[doc(hidden)]
pub mod transport;
pub(crate) mod unknown;
pub(crate) mod wait;

#[cfg(feature = "tls")]
pub use crate::config::Tls;
pub use crate::config::{Address, Config, ConfigError, Limits, Users};
pub use crate::counters::{Counter, Counters, LinkStats, LinkWords, NotAccepted};
pub use crate::policy::{Batch, OnFull};
#[cfg(not(all(test, mycelium_loom)))]
pub use closing::Closed;
pub use closing::{Left, LeftAt};
pub use connection::Status;
pub use error::{LinkError, SendError};
pub use input::Input;
pub use interrupt::Interrupt;
pub use outbound::Link;
pub use spec::{InputSpec, LinkSpec};
pub use transport::stream::{Stream, StreamInput, StreamLink};
#[cfg(feature = "tokio")]
pub(crate) use transport::threads::Unchecked;
pub use transport::threads::{RingReceiver, RingSender, RingSpec};
pub use unknown::{Unknown, UnknownHook};
pub use wait::{Interest, wait};
