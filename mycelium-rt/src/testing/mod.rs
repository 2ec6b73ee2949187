//! For testing services alone.

mod clock;
mod recorder;
mod replying;

pub use clock::ManualClock;
pub use recorder::Recorder;
pub use replying::Replying;
