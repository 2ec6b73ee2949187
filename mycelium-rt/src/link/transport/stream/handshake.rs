//! The handshake over a stream, at both ends.
//!
//! ```text
//! link: Dialing                              input: Newcomer
//!   Connecting ──(the socket is connected)──▶
//!   Greeting   ──── Hello: messages, session, next number ───▶ hear
//!              ◀─── Accept: messages, expected number, or Reject ─── send
//!   frames     ─────────────────────────────────────────────▶ StreamPeer
//! ```
//!
//! The input decides between `hear` and `send`, see [`handshakes`](crate::link::handshakes). Neither side reads a byte beyond the
//! part that it expects ([`PartReader`]), so what follows is left for the decoder of frames.

use super::socket::{Read, Socket, SocketError};
use super::tx::StreamTx;
use crate::link::transport::receive::Heard;
use crate::link::transport::transmit::{Failure, Progress};
use crate::link::wait::Interest;
use crate::sys::AsFd;
use crate::wire::{Acceptance, HANDSHAKE_PREFIX, Handshake, HandshakeError, Hello, Refusal, compatible};

/// An attempt to connect, in progress.
#[derive(Debug)]
pub enum Dialing {
    Connecting(Socket),
    Greeting { socket: Socket, hello: Vec<u8>, written: usize, answer: PartReader },
}

/// What a peer answers to a link from which it takes messages.
pub struct Answer {
    /// The number that it expects next, if it knows this sender.
    pub(super) next: Option<u64>,
    /// Which messages it accepts.
    pub(super) acceptance: Acceptance,
}

impl Dialing {
    /// What to wait for before the next step.
    pub(super) fn interest(&self) -> Interest<'_> {
        match self {
            Self::Connecting(socket) => Interest { descriptor: socket.as_fd(), readable: false, writable: true },
            Self::Greeting { socket, hello, written, .. } => socket.interest(*written < hello.len()),
        }
    }
}

/// Takes the next steps of an attempt.
pub(super) fn step(end: &mut StreamTx, dialing: Dialing) -> Result<Progress<StreamTx>, Failure> {
    let dialing = match dialing {
        Dialing::Connecting(socket) => greet(end, socket)?,
        greeting @ Dialing::Greeting { .. } => greeting,
    };
    let Dialing::Greeting { mut socket, hello, mut written, mut answer } = dialing else {
        return Ok(Progress::Waiting(dialing));
    };
    if written < hello.len() {
        written += socket.write(hello.get(written..).unwrap_or_default())?;
    }
    match answer.read(&mut socket)? {
        None => Ok(Progress::Waiting(Dialing::Greeting { socket, hello, written, answer })),
        Some(Handshake::Accept(theirs)) => Ok(Progress::Done(socket, answer_to(&end.hello, &theirs, end.seq)?)),
        Some(Handshake::Reject(refusal)) => Err(Failure::Refused(refusal)),
        Some(Handshake::Hello(_)) => Err(Failure::Refused(Refusal::Role)),
    }
}

/// From `Connecting` to `Greeting`, once the socket is connected.
fn greet(end: &mut StreamTx, socket: Socket) -> Result<Dialing, Failure> {
    if !end.dialer.is_connected(&socket).map_err(Failure::attempt)? {
        return Ok(Dialing::Connecting(socket));
    }
    if !end.dialer.is_allowed(&socket).map_err(Failure::attempt)? {
        return Err(Failure::Refused(Refusal::User));
    }
    end.hello.next = end.buffer.next_unsent();
    // Its size was checked when the link was opened, and has not changed since.
    let hello = Handshake::Hello(end.hello.clone()).encode().map_err(Failure::attempt)?;
    Ok(Dialing::Greeting { socket, hello, written: 0, answer: PartReader::new() })
}

impl From<SocketError> for Failure {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Io(error) => Self::attempt(error),
            SocketError::Refused(refusal) => Self::Refused(refusal),
            SocketError::Corrupt(reason) => Self::Corrupt(reason),
        }
    }
}

impl From<PartError> for Failure {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Socket(error) => error.into(),
            PartError::Handshake(error) => error.into(),
            PartError::End => Self::attempt(error),
            PartError::Tls => Self::corrupt(error),
        }
    }
}

/// What the answer of a peer means for a link that has numbered its messages up to `numbered`.
fn answer_to(ours: &Hello, theirs: &Hello, numbered: u64) -> Result<Answer, Failure> {
    let acceptance = compatible(ours, theirs).map_err(Failure::Refused)?;
    let next = match theirs.session {
        0 => None,
        _ if theirs.next <= numbered => Some(theirs.next),
        // It would make this side count messages that never existed.
        _ => return Err(Failure::corrupt("the peer claims to have messages that were never sent")),
    };
    Ok(Answer { next, acceptance })
}

/// A connection whose `Hello` has not arrived completely. It holds at most one handshake of memory.
#[derive(Debug)]
pub struct Newcomer {
    socket: Socket,
    hello: PartReader,
    /// Whether the kernel acknowledges what is read, as it does for TCP.
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

    /// Sends a part in the one write that a fresh connection always has room for; returns whether it had.
    pub(super) fn send(&mut self, part: &[u8]) -> bool {
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

/// Reads one part of a handshake, which may arrive in pieces, and nothing beyond it. Holds at most
/// [`MAX_HANDSHAKE`](crate::wire::MAX_HANDSHAKE) bytes.
#[derive(Debug)]
pub struct PartReader {
    bytes: Vec<u8>,
    filled: usize,
}

/// Why there is no handshake.
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

    /// Reads what has arrived; returns the part once it is complete.
    pub(super) fn read(&mut self, socket: &mut Socket) -> Result<Option<Handshake>, PartError> {
        loop {
            if self.filled >= HANDSHAKE_PREFIX && self.filled == self.bytes.len() {
                return Ok(Some(Handshake::decode(&self.bytes)?));
            }
            let space = self.bytes.get_mut(self.filled..).unwrap_or_default();
            match socket.read(space)? {
                Read::Nothing => return Ok(None),
                // A TLS peer answers our handshake with nothing but an alert, which begins with its kind and version.
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
