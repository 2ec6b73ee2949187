//! For testing services alone, and routers as a whole.

mod monitor;
mod recorder;
mod relay;
mod replying;

pub use crate::clock::ManualClock;
pub use crate::random::Random;
pub use crate::schedule::{Ran, Schedule};
pub use monitor::Monitor;
pub use recorder::Recorder;
pub use relay::{Relay, RelayStats};
pub use replying::Replying;
