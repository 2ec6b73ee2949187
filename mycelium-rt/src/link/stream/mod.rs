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

pub use input::StreamInput;
pub use sender::StreamLink;
pub use spec::{InputSpec, LinkSpec};

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<StreamLink>();
    is_send::<StreamInput>();
};
