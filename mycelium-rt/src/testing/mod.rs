//! Tools for tests of single services and of whole routers.

mod monitor;
mod recorder;
#[cfg(feature = "net")]
mod relay;

pub use crate::clock::ManualClock;
pub use crate::random::Random;
#[cfg(feature = "lanes")]
pub use crate::schedule::{Ran, Schedule};
pub use monitor::Monitor;
pub use recorder::{Recorder, Replying};
#[cfg(feature = "net")]
pub use relay::{Relay, RelayStats};
