//! For testing services alone.

mod recorder;

pub use recorder::Recorder;
