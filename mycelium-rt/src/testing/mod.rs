//! For testing services alone, and routers as a whole.

mod clock;
mod monitor;
mod random;
mod recorder;
mod relay;
mod replying;
mod schedule;

pub use clock::ManualClock;
pub use monitor::Monitor;
pub use random::Random;
pub use recorder::Recorder;
pub use relay::{Relay, RelayStats};
pub use replying::Replying;
pub(crate) use schedule::ScheduleSlot;
pub use schedule::{Ran, Schedule};
