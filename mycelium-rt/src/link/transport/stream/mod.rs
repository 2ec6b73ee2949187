//! What Unix and TCP links have in common: streams of frames.

mod backpressure;
mod endpoint;
mod greeting;
mod input;
mod lobby;
mod part;
mod patience;
mod peer;
mod pending;
mod places;
pub(crate) mod plain;
pub(crate) mod readiness;
mod sender;
mod sessions;
mod skipped;
pub(crate) mod socket;
mod spec;

use std::net::SocketAddr;

pub use input::StreamInput;
pub use sender::StreamLink;
pub use spec::{InputSpec, LinkSpec};

/// Where a connection came from, for logs.
fn shown(from: Option<SocketAddr>) -> String {
    from.map_or_else(|| "this host".to_owned(), |from| from.to_string())
}

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<StreamLink>();
    is_send::<StreamInput>();
};
