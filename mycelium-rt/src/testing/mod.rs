//! For testing services alone.

mod clock;
mod recorder;
mod relay;
mod replying;

pub use clock::ManualClock;
pub use recorder::Recorder;
pub use relay::{Relay, RelayStats};
pub use replying::Replying;
