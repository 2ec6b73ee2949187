//! How a link over a stream finds its peer: it dials, says what it sends, and reads what the peer makes of that.

use std::os::fd::AsFd;

use super::endpoint::Dialer;
use super::part::{PartError, PartReader};
use super::socket::{Socket, SocketError};
use crate::link::connection::{Connection, Dial, Failure, Progress};
use crate::link::wait::Interest;
use crate::wire::{Acceptance, Handshake, Hello, Refusal, compatible};

/// What a link dials with, and says.
#[derive(Debug)]
pub(super) struct Greeter {
    dialer: Dialer,
    hello: Hello,
    /// The sequence number after the last message written.
    pub(super) next: u64,
    /// The one after the last that has a number.
    pub(super) numbered: u64,
}

/// An attempt under way.
#[derive(Debug)]
pub(super) enum Dialing {
    Connecting(Socket),
    Greeting { socket: Socket, hello: Vec<u8>, written: usize, answer: PartReader },
}

/// What a peer has said to a link that it takes messages from.
pub(super) struct Answer {
    /// The message that it expects next, if it knows this sender.
    pub(super) next: Option<u64>,
    /// Which messages it accepts.
    pub(super) acceptance: Acceptance,
}

impl Greeter {
    pub(super) fn new(dialer: Dialer, hello: Hello) -> Self {
        Self { dialer, hello, next: 0, numbered: 0 }
    }

    /// From `Connecting` to `Greeting`, once the socket is connected.
    fn greet(&mut self, socket: Socket) -> Result<Dialing, Failure> {
        if !self.dialer.is_connected(&socket).map_err(Failure::attempt)? {
            return Ok(Dialing::Connecting(socket));
        }
        if !self.dialer.is_allowed(&socket).map_err(Failure::attempt)? {
            return Err(Failure::Refused(Refusal::User));
        }
        self.hello.next = self.next;
        // Its size was checked when the link was opened, and has not changed since.
        let hello = Handshake::Hello(self.hello.clone()).encode().map_err(Failure::attempt)?;
        Ok(Dialing::Greeting { socket, hello, written: 0, answer: PartReader::new() })
    }
}

impl Dial for Greeter {
    type Dialing = Dialing;
    type Up = Socket;
    type Answer = Answer;

    fn begin(&mut self) -> Result<Dialing, Failure> {
        self.dialer.dial().map(Dialing::Connecting).map_err(Failure::attempt)
    }

    fn step(&mut self, dialing: Dialing) -> Result<Progress<Self>, Failure> {
        let dialing = match dialing {
            Dialing::Connecting(socket) => self.greet(socket)?,
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
            Some(Handshake::Accept(theirs)) => Ok(Progress::Done(socket, judge(&self.hello, &theirs, self.numbered)?)),
            Some(Handshake::Reject(refusal)) => Err(Failure::Refused(refusal)),
            Some(Handshake::Hello(_)) => Err(Failure::Refused(Refusal::Role)),
        }
    }
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

/// What to wait for, besides the time; room to write if there is something `unwritten`.
pub(super) fn interest(connection: &Connection<Greeter>, unwritten: bool) -> Option<Interest<'_>> {
    let (socket, readable, writable) = match (connection.established(), connection.dialing()) {
        (Some(socket), _) => (socket, true, socket.wants_room(unwritten)),
        (None, Some(Dialing::Connecting(socket))) => (socket, false, true),
        (None, Some(Dialing::Greeting { socket, hello, written, .. })) => {
            (socket, true, socket.wants_room(*written < hello.len()))
        }
        (None, None) => return None,
    };
    Some(Interest { descriptor: socket.as_fd(), readable, writable })
}

/// What the answer of a peer comes to, for a link that has numbered its messages up to `numbered`.
fn judge(ours: &Hello, theirs: &Hello, numbered: u64) -> Result<Answer, Failure> {
    let acceptance = compatible(ours, theirs).map_err(Failure::Refused)?;
    let next = match theirs.session {
        0 => None,
        _ if theirs.next <= numbered => Some(theirs.next),
        // It would have this side count messages that there never were.
        _ => return Err(Failure::corrupt("the peer claims to have what was never sent")),
    };
    Ok(Answer { next, acceptance })
}
