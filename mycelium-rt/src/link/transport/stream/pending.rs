//! A connection that was accepted, but has not shaken hands yet.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::endpoint::Accepted;
use super::part::{PartError, PartReader};
use super::socket::{Socket, SocketError};
use crate::wire::{Handshake, Hello, Refusal};

/// A connection from which the `Hello` has not arrived completely. It holds one handshake of memory at most, and
/// until its deadline at the latest.
#[derive(Debug)]
pub(super) struct Pending {
    socket: Socket,
    hello: PartReader,
    deadline: Instant,
    from: Option<SocketAddr>,
}

/// What came of looking at a pending connection.
pub(super) enum Greeting {
    /// Nothing yet.
    Wait,
    /// This is what the peer has.
    Hello(Hello),
    /// The peer cannot be talked to, and is told why.
    Refuse(Refusal),
    /// The peer speaks something else.
    Corrupt(String),
    /// The peer left.
    Gone(String),
    /// The peer took too long.
    TimedOut,
}

impl Pending {
    pub(super) fn new(accepted: Accepted, deadline: Instant) -> Self {
        Self { socket: accepted.socket, hello: PartReader::new(), deadline, from: accepted.from }
    }

    pub(super) fn look(&mut self, now: Instant) -> Greeting {
        match self.hello.read(&mut self.socket) {
            Ok(Some(Handshake::Hello(hello))) => Greeting::Hello(hello),
            Ok(Some(_)) => Greeting::Refuse(Refusal::Malformed),
            Ok(None) if now >= self.deadline => Greeting::TimedOut,
            Ok(None) => Greeting::Wait,
            Err(PartError::Handshake(error)) => Greeting::Refuse(error.refusal()),
            Err(PartError::Socket(SocketError::Refused(refusal))) => Greeting::Refuse(refusal),
            Err(PartError::Socket(SocketError::Corrupt(reason))) => Greeting::Corrupt(reason),
            Err(error) => Greeting::Gone(error.to_string()),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(super) fn from(&self) -> Option<SocketAddr> {
        self.from
    }

    pub(super) fn into_socket(self) -> Socket {
        self.socket
    }
}

/// Says something to a peer in the one write that a fresh connection always has room for; says whether it had.
pub(super) fn say(socket: &mut Socket, part: &[u8]) -> bool {
    socket.write(part).is_ok_and(|count| count == part.len())
}

impl AsFd for Pending {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
