//! The errors of links.
//!
//! One rule for all of them: `Display` is the whole text, cause included, and `source` is only what this text does not say. So
//! `println!("{error}")` has the operating system's reason, and a printer of error chains says nothing twice.

use std::io;
use std::path::PathBuf;

use crate::config::ConfigError;
use crate::wire::Refusal;

/// Why a message was not sent. It is counted and dropped: a link does not keep what it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// There was no room, and the policy is [`OnFull::Error`](crate::link::OnFull::Error).
    #[error("the link is full")]
    Full,
    /// There was no room within the time that [`OnFull::BlockFor`](crate::link::OnFull::BlockFor) allows.
    #[error("the link stayed full for longer than its time-out")]
    TimedOut,
    /// The peer refused the handshake, so waiting for it would never end. The link keeps trying to connect, in case the peer is
    /// replaced.
    #[error("the peer refused the handshake")]
    Refused,
    /// The peer is gone for good: a link that does not reconnect.
    #[error("the peer is gone")]
    PeerGone,
    /// The link was closed.
    #[error("the link is closed")]
    Closed,
    /// The wait was interrupted by a shutdown.
    #[error("the wait was interrupted")]
    Interrupted,
    /// There are already as many senders as are allowed.
    #[error("there are too many senders already")]
    TooMany,
    /// The message is not among those that the link was opened for.
    #[error("message id {id} is not among those of the link")]
    Unlisted {
        /// The id of the message.
        id: u16,
    },
    /// The body is longer than the slots of the ring.
    #[error("a body of {len} bytes is longer than the ring's `max_body` allows")]
    TooLong {
        /// The length of the body, in bytes.
        len: usize,
    },
    /// The body's size is not that of the message's layout.
    #[error("a body of {len} bytes, but the contract requires {expected}")]
    Length {
        /// The length of the body, in bytes.
        len: usize,
        /// The length that the contract requires, in bytes.
        expected: usize,
    },
}

/// Why not all of many messages were sent.
///
/// The message at the place `sent` was not taken, for this reason, and is dropped and counted as a single one would be. Those after it were
/// not tried, and are not counted: send them by another call, or not at all.
///
/// ```
/// use mycelium_rt::link::{SendAllError, SendError};
///
/// let error = SendAllError { sent: 10, reason: SendError::Full };
/// assert_eq!(error.to_string(), "message 10 (from 0) was not sent: the link is full");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("message {sent} (from 0) was not sent: {reason}")]
pub struct SendAllError<E: std::fmt::Display = SendError> {
    /// The number of messages before the one that was not taken.
    pub sent: usize,
    /// Why that one was not taken.
    // Not a `source`: the text contains it.
    pub reason: E,
}

/// Why a link or an input could not be opened, or lost its peer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The program or its deployment requests something that is not possible.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The handshake was refused, by this side or the peer.
    #[error("link `{link}`: {refusal}")]
    Refused {
        /// The link's name.
        link: String,
        /// Which side refused, and why.
        refusal: Refusal,
    },
    /// No peer by the deadline.
    #[error("link `{link}`: no peer at {address} by the deadline: {trouble}")]
    NoPeer {
        /// The link's name.
        link: String,
        /// Where the peer was expected.
        address: String,
        /// Why the last attempt failed.
        trouble: String,
    },
    /// A socket cannot be bound at the path, or not by this process.
    #[error("link `{link}`: {}: {reason}", path.display())]
    Path {
        /// The link's name.
        link: String,
        /// The path of the socket.
        path: PathBuf,
        /// What is in the way, and what to do.
        reason: String,
    },
    /// Another process already listens at the path.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The path of the socket.
        path: PathBuf,
    },
    /// The operating system refused something.
    #[error("link `{link}`: {action} {address}: {source}")]
    Io {
        /// The link's name.
        link: String,
        /// What was being done, such as `bind`.
        action: &'static str,
        /// The address it was done to.
        address: String,
        /// The error of the operating system. The text contains it, so `source()` does not return it.
        // `r#`, since thiserror would return a field called `source`.
        r#source: io::Error,
    },
}
