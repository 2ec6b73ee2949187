//! A connection that was accepted, but has not shaken hands yet.

use super::part::{PartError, PartReader};
use super::socket::{Socket, SocketError};
use crate::link::transport::receive::Heard;
use crate::wire::{Handshake, Refusal};

/// A connection from which the `Hello` has not arrived completely. It holds one handshake of memory at most.
#[derive(Debug)]
pub struct Newcomer {
    socket: Socket,
    hello: PartReader,
    /// Whether the kernel acknowledges what is read, as that of TCP does.
    acknowledges: bool,
}

impl Newcomer {
    pub(super) fn new(socket: Socket, acknowledges: bool) -> Self {
        Self { socket, hello: PartReader::new(), acknowledges }
    }

    pub(super) fn hear(&mut self) -> Heard {
        match self.hello.read(&mut self.socket) {
            Ok(Some(Handshake::Hello(hello))) => Heard::Hello(hello),
            Ok(Some(_)) => Heard::Refused(Refusal::Malformed),
            Ok(None) => Heard::Nothing,
            Err(PartError::Handshake(error)) => Heard::Refused(error.refusal()),
            Err(PartError::Socket(SocketError::Refused(refusal))) => Heard::Refused(refusal),
            Err(PartError::Socket(SocketError::Corrupt(reason))) => Heard::Corrupt(reason),
            Err(error) => Heard::Gone(error.to_string()),
        }
    }

    /// Says something in the one write that a fresh connection always has room for; says whether it had.
    pub(super) fn say(&mut self, part: &[u8]) -> bool {
        self.socket.write(part).is_ok_and(|count| count == part.len())
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// The socket, for messages.
    pub(super) fn into_socket(mut self) -> Socket {
        if self.acknowledges {
            self.socket.acknowledge_late();
        }
        self.socket
    }
}
