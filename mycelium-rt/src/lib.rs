//! The runtime of Mycelium: messages, routing traits and the macros.

pub mod message;
pub mod routing;

pub use message::{DecodeError, Message, ValidationError};
pub use routing::{Emit, Handle, Route};
