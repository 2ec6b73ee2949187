//! What lies on a wire: the frames that carry messages, and the handshake that comes before them.
//!
//! Everything here is a pure function of bytes. Bytes of a peer can be refused, but cannot make anything panic, or
//! allocate more than [`MAX_HANDSHAKE`] allows.
#![forbid(unsafe_code)]

mod announced;
mod bytes;
mod compatible;
mod decoder;
mod frame;
mod handshake;
mod info;
mod refusal;
mod send_buffer;

pub use announced::Announced;
pub(crate) use announced::MessageTable;
pub use compatible::{Acceptance, compatible};
pub use decoder::{Decoder, Frame, FrameError};
pub use frame::{FRAME_HEADER, FrameHeader, MAX_FRAME, frame_size};
pub use handshake::{HANDSHAKE_PREFIX, Handshake, HandshakeError, Hello, MAX_HANDSHAKE, PROTOCOL, Role};
pub use info::{Layout, MessageEntry, TableError};
pub use refusal::{Mismatch, Older, Refusal, Stand};
pub use send_buffer::SendBuffer;

/// The largest body of a message, in bytes: a frame with its header then stays below 64 KiB.
pub const MAX_BODY: usize = 65_528;
