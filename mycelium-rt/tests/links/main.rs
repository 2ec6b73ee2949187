//! Links between two ends: what every path guarantees, and what sockets guarantee in addition.
//!
//! The test itself drives both ends wherever that is possible, each step with a deadline; nothing sleeps to wait.

mod acceptance;
mod closing;
mod conformance;
mod durations;
mod hostile;
mod limits;
mod path;
mod places;
mod protocol;
mod queue;
mod random;
mod raw;
mod relay;
mod sequence;
mod shared_memory;
mod sockets;
mod streams;
#[cfg(feature = "tokio")]
mod tasks;
#[cfg(feature = "tls")]
mod tls;
mod toy;
mod toy_path;
mod versions;
