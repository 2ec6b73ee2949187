//! How a link over a stream finds its peer: it dials, says what it sends, and reads what the peer makes of that.

use std::os::fd::AsFd;

use super::part::{PartError, PartReader};
use super::socket::{Socket, SocketError};
use super::tx::StreamTx;
use crate::link::connection::{Failure, Progress};
use crate::link::wait::Interest;
use crate::wire::{Acceptance, Handshake, Hello, Refusal, compatible};

/// An attempt under way.
#[derive(Debug)]
pub enum Dialing {
    Connecting(Socket),
    Greeting { socket: Socket, hello: Vec<u8>, written: usize, answer: PartReader },
}

/// What a peer has said to a link that it takes messages from.
pub struct Answer {
    /// The message that it expects next, if it knows this sender.
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

/// What the answer of a peer comes to, for a link that has numbered its messages up to `numbered`.
fn answer_to(ours: &Hello, theirs: &Hello, numbered: u64) -> Result<Answer, Failure> {
    let acceptance = compatible(ours, theirs).map_err(Failure::Refused)?;
    let next = match theirs.session {
        0 => None,
        _ if theirs.next <= numbered => Some(theirs.next),
        // It would have this side count messages that there never were.
        _ => return Err(Failure::corrupt("the peer claims to have what was never sent")),
    };
    Ok(Answer { next, acceptance })
}
