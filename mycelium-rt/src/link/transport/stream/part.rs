//! Reading one part of a handshake, byte by byte if need be, and never a byte of what follows it.

use super::socket::{Read, Socket, SocketError};
use crate::wire::{HANDSHAKE_PREFIX, Handshake, HandshakeError};

/// A part of a handshake that may not have arrived completely. Takes [`MAX_HANDSHAKE`](crate::wire::MAX_HANDSHAKE) bytes
/// at most.
#[derive(Debug)]
pub struct PartReader {
    bytes: Vec<u8>,
    filled: usize,
}

/// Why there will be no handshake.
#[derive(Debug, thiserror::Error)]
pub(super) enum PartError {
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error("the peer closed the connection")]
    End,
    #[error("the peer speaks TLS, and this side does not: say `tls = true` on both")]
    Tls,
}

impl PartReader {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; HANDSHAKE_PREFIX], filled: 0 }
    }

    /// Takes in what has arrived; the part, once it is complete.
    pub(super) fn read(&mut self, socket: &mut Socket) -> Result<Option<Handshake>, PartError> {
        loop {
            if self.filled >= HANDSHAKE_PREFIX && self.filled == self.bytes.len() {
                return Ok(Some(Handshake::decode(&self.bytes)?));
            }
            let space = self.bytes.get_mut(self.filled..).unwrap_or_default();
            match socket.read(space)? {
                Read::Nothing => return Ok(None),
                // All that a TLS peer says to a handshake of ours is an alert, which begins with its kind and version.
                Read::End if self.bytes.starts_with(&[21, 3]) => return Err(PartError::Tls),
                Read::End => return Err(PartError::End),
                Read::Bytes(count) => self.filled += count,
            }
            let there = self.bytes.get(..self.filled).unwrap_or_default();
            if let Some(whole) = Handshake::length(there)? {
                self.bytes.resize(whole, 0);
            }
        }
    }
}
