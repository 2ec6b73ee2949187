//! Tools for tests of single services and of whole routers.

mod monitor;
mod recorder;
mod relay;

pub use crate::clock::ManualClock;
pub use crate::random::Random;
pub use crate::schedule::{Ran, Schedule};
pub use monitor::Monitor;
pub use recorder::{Recorder, Replying};
pub use relay::{Relay, RelayStats};
