//! TLS 1.3 for TCP, with certificates on both sides.
//!
//! An encrypted connection is a variant of the same socket as a plain one and is driven by the same polls: handshakes have
//! the time-outs and bounds of newcomers, and nothing has a thread.

#[cfg(not(feature = "tls"))]
mod absent;
#[cfg(feature = "tls")]
mod encrypted;
#[cfg(feature = "tls")]
mod ends;

#[cfg(not(feature = "tls"))]
pub(super) use absent::{Client, Encrypted, Server};
#[cfg(feature = "tls")]
pub(super) use {
    encrypted::Encrypted,
    ends::{Client, Server},
};
