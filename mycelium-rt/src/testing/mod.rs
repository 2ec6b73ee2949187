//! For testing services alone.

mod recorder;
mod replying;

pub use recorder::Recorder;
pub use replying::Replying;
