//! Links between two ends: what every path guarantees, and what sockets guarantee in addition.
//!
//! `--cfg mycelium_portable` builds what other systems than Linux have: without shared memory, and without the tests that use it.
//!
//! The test itself drives both ends wherever that is possible, each step with a deadline; nothing sleeps to wait.

mod acceptance;
mod closing;
mod conformance;
#[cfg(not(mycelium_portable))]
mod durations;
mod errors;
mod hostile;
mod latest;
#[cfg(not(mycelium_portable))]
mod limits;
mod path;
#[cfg(not(mycelium_portable))]
mod places;
#[cfg(not(mycelium_portable))]
mod protocol;
mod queue;
mod random;
mod raw;
mod relay;
mod send_all;
mod sequence;
#[cfg(not(mycelium_portable))]
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
