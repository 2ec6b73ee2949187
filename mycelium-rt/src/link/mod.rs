//! Links: how messages leave the process and enter it.
//!
//! A *link* sends, and connects; an *input* receives, and binds. The thread that owns one drives it: neither has threads of
//! its own. Between two threads of one process a ring does the same ([`RingSpec`]). Each link delivers in order and at most
//! once; what is dropped is counted ([`LinkStats`]), and the receiver sees that it is missing.
#![forbid(unsafe_code)]

mod error;
mod spec;

// What both directions use.
pub(crate) mod backoff;
pub(crate) mod poll_throttle;
pub(crate) mod wait;

// Out: a link gives messages to a sender, which pushes them into an end, which has a connection.
mod outbound;

pub(crate) mod report;
pub(crate) mod sender;

mod full;
#[doc(hidden)]
pub mod latest;

mod peer_end;

pub(crate) mod connection;

#[doc(hidden)]
pub mod closing;

// What differs between the kinds of links, in both directions.
#[doc(hidden)]
pub mod transport;

// In: an input accepts connections, shakes hands, gives peers their places, and delivers what they send.
mod input;

mod accept_throttle;

pub(crate) mod handshakes;
pub(crate) mod unknown;

mod peers;

mod frame_deadline;
mod places;
mod sessions;

pub(crate) mod delivery;

// Within one thread.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) mod queue;

#[cfg(feature = "tls")]
pub use crate::config::Tls;
pub use crate::config::{Address, Config, ConfigError, Limits, Users};
pub use crate::counters::{Counter, Counters, LinkStats, LinkWords, NotAccepted};
pub use crate::policy::{Batch, OnFull};
#[cfg(not(all(test, mycelium_loom)))]
#[doc(inline)]
pub use closing::Closed;
#[doc(inline)]
pub use closing::{Left, LeftAt};
pub use connection::Status;
pub use error::{LinkError, SendAllError, SendError};
pub use full::Interrupt;
pub use input::Input;
pub use outbound::Link;
pub use spec::{InputSpec, LinkSpec};
#[cfg(feature = "net")]
pub use transport::stream::{Stream, StreamInput, StreamLink};
#[cfg(feature = "tokio")]
pub(crate) use transport::threads::Unchecked;
pub use transport::threads::{RingReceiver, RingSender, RingSpec};
pub use unknown::{Unknown, UnknownHook};
pub use wait::{Interest, wait};
