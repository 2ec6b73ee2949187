//! The wire format: the frames that carry messages, and the handshake before them.
//!
//! Everything here is a pure function of bytes. Bytes of a peer can be refused, but cannot cause a panic, or an allocation beyond
//! [`MAX_HANDSHAKE`].
#![forbid(unsafe_code)]

mod bytes;

mod info;
mod refusal;

mod handshake;

mod announced;
mod compatible;

mod frame;
mod send_buffer;

pub use announced::Announced;
pub(crate) use announced::MessageTable;
pub use compatible::{Acceptance, compatible};
pub use frame::{Decoder, FRAME_HEADER, Frame, FrameError, FrameHeader, MAX_FRAME, frame_size};
pub use handshake::{HANDSHAKE_PREFIX, Handshake, HandshakeError, Hello, MAX_HANDSHAKE, PROTOCOL, Role};
pub use info::{Layout, MessageEntry, TableError};
pub use refusal::{Mismatch, Older, Refusal, Stand};
pub use send_buffer::SendBuffer;

/// The largest body of a message, in bytes: a frame with its header is smaller than 64 KiB.
pub const MAX_BODY: usize = crate::ring::MAX_BODY;
