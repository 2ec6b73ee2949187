//! The connection of a link: made, greeted, lost, and made again.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::endpoint::Dialer;
use super::part::{PartError, PartReader};
use super::socket::{Read, Socket, SocketError};
use crate::link::backoff::Backoff;
use crate::link::report::Absence;
use crate::link::wait::Interest;
use crate::link::{Counters, Limits};
use crate::notice::{self, Notices};
use crate::time::later;
use crate::wire::{Acceptance, Handshake, HandshakeError, Hello, Refusal, compatible};

/// What a link is doing about its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It has no peer, and tries to find one.
    Connecting,
    /// It has a peer, and messages flow.
    Connected,
    /// The last peer refused the handshake, or was refused. The link keeps trying, at its longest pause.
    Refused,
    /// It was closed.
    Closed,
}

/// A connection that is looked after by [`drive`](Self::drive).
#[derive(Debug)]
pub(super) struct Connection {
    name: &'static str,
    address: String,
    dialer: Dialer,
    state: State,
    backoff: Backoff,
    handshake: Duration,
    longest_pause: Duration,
    hello: Hello,
    refusal: Option<Refusal>,
    /// Since when there has been a peer, or none.
    since: Instant,
    /// What the last attempt to find a peer came to, or why the last one is gone.
    trouble: String,
    notices: Notices,
    counters: Arc<Counters>,
}

#[derive(Debug)]
enum State {
    Waiting { until: Instant },
    Connecting { socket: Socket, deadline: Instant },
    Greeting { socket: Socket, deadline: Instant, hello: Vec<u8>, written: usize, answer: PartReader },
    Up { socket: Socket },
    Closed,
}

/// What a peer has said to a link that it takes messages from.
pub(super) struct Answer {
    /// The message that it expects next, if it knows this sender.
    pub(super) next: Option<u64>,
    /// Which messages it accepts.
    pub(super) acceptance: Acceptance,
}

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Nobody there, or not in time.
    #[error("{0}")]
    Attempt(String),
    /// Somebody who cannot be talked to.
    #[error("{0}")]
    Refused(Refusal),
    /// Somebody who speaks something else.
    #[error("broken handshake: {0}")]
    Corrupt(String),
}

impl Connection {
    pub(super) fn new(
        name: &'static str,
        address: String,
        dialer: Dialer,
        hello: Hello,
        limits: &Limits,
        notices: Notices,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            name,
            address,
            dialer,
            state: State::Waiting { until: Instant::now() },
            backoff: Backoff::new(limits.backoff, limits.backoff_max),
            handshake: limits.handshake,
            longest_pause: limits.backoff_max.max(limits.backoff),
            hello,
            refusal: None,
            since: Instant::now(),
            trouble: "not tried yet".to_owned(),
            notices,
            counters,
        }
    }

    /// The socket, while messages may flow.
    pub(super) fn up(&mut self) -> Option<&mut Socket> {
        match &mut self.state {
            State::Up { socket } => Some(socket),
            _ => None,
        }
    }

    /// How many bytes after those written cannot be taken back.
    pub(super) fn claimed(&self) -> usize {
        match &self.state {
            State::Up { socket } => socket.claimed(),
            _ => 0,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    pub(super) fn status(&self) -> Status {
        match self.state {
            State::Up { .. } => Status::Connected,
            State::Closed => Status::Closed,
            _ if self.refusal.is_some() => Status::Refused,
            _ => Status::Connecting,
        }
    }

    /// What keeps it without a peer, while it has none.
    pub(super) fn absence(&self) -> Option<Absence<'_>> {
        let is_up = matches!(self.state, State::Up { .. });
        (!is_up).then_some(Absence { since: self.since, trouble: &self.trouble })
    }

    /// What the last attempt to find a peer came to, or why the last one is gone.
    pub(super) fn trouble(&self) -> &str {
        &self.trouble
    }

    /// Why the last handshake was refused, until one is accepted.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Takes the next steps towards a peer as far as they can be taken now; `next` is the sequence number after the last
    /// message written, and `numbered` the one after the last that has a number. Returns the peer's answer at the moment the
    /// connection is up.
    pub(super) fn drive(&mut self, next: u64, numbered: u64) -> Option<Answer> {
        let now = match &self.state {
            State::Up { .. } | State::Closed => return None,
            _ => Instant::now(),
        };
        match self.step(next, numbered, now) {
            Ok(None) => None,
            Ok(Some(answer)) => {
                self.connected();
                Some(answer)
            }
            Err(failure) => {
                self.failed(failure, now);
                None
            }
        }
    }

    /// Finds out whether the peer has gone, which writing tells only later; says whether it is still there.
    pub(super) fn check_peer(&mut self) -> bool {
        let Some(socket) = self.up() else { return false };
        match socket.read(&mut [0; 8]) {
            Ok(Read::Nothing) => true,
            Ok(Read::End) => self.lost("the peer closed the connection"),
            Ok(Read::Bytes(_)) => {
                self.counters.corrupt.add(1);
                self.lost("the peer sent something where it has nothing to say")
            }
            Err(error) => {
                if !matches!(error, SocketError::Io(_)) {
                    self.counters.corrupt.add(1);
                }
                self.lost(&error.to_string())
            }
        }
    }

    /// Ends a connection that broke; another is attempted after a pause. Always `false`.
    pub(super) fn lost(&mut self, reason: &str) -> bool {
        self.counters.disconnects.add(1);
        notice::warning!(self.notices, link = self.name, address = self.address, reason, "connection lost");
        self.pause_after(reason);
        false
    }

    /// Looks for a peer again after a pause. Only a connection that has lasted makes it short again: one that ends as soon as it is made
    /// would come about hundreds of times a second otherwise.
    fn pause_after(&mut self, reason: &str) {
        let now = Instant::now();
        if now.saturating_duration_since(self.since) >= self.longest_pause {
            self.backoff.reset();
        }
        (self.since, self.trouble) = (now, reason.to_owned());
        self.state = State::Waiting { until: later(now, self.backoff.pause()) };
    }

    pub(super) fn close(&mut self) {
        if self.is_up() {
            self.counters.disconnects.add(1);
        }
        self.state = State::Closed;
    }

    /// What to wait for, besides room to write.
    pub(super) fn interest(&self, unwritten: bool) -> Option<Interest<'_>> {
        let (socket, writable) = match &self.state {
            State::Waiting { .. } | State::Closed => return None,
            State::Connecting { socket, .. } => (socket, true),
            State::Greeting { socket, hello, written, .. } => (socket, socket.wants_room(*written < hello.len())),
            State::Up { socket } => (socket, socket.wants_room(unwritten)),
        };
        let readable = !matches!(self.state, State::Connecting { .. });
        Some(Interest { descriptor: socket.as_fd(), readable, writable })
    }

    /// When to call [`drive`](Self::drive) again at the latest.
    pub(super) fn timer(&self) -> Option<Instant> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Connecting { deadline, .. } | State::Greeting { deadline, .. } => Some(*deadline),
            State::Up { .. } | State::Closed => None,
        }
    }

    fn step(&mut self, next: u64, numbered: u64, now: Instant) -> Result<Option<Answer>, Failure> {
        if let State::Waiting { until } = self.state {
            if now < until {
                return Ok(None);
            }
            let socket = self.dialer.dial().map_err(attempt)?;
            self.state = State::Connecting { socket, deadline: later(now, self.handshake) };
        }
        if let State::Connecting { socket, deadline } = &self.state {
            if !self.dialer.is_connected(socket).map_err(attempt)? {
                return in_time(*deadline, now);
            }
            if !self.dialer.is_allowed(socket).map_err(attempt)? {
                return Err(Failure::Refused(Refusal::User));
            }
            self.greet(next)?;
        }
        let State::Greeting { socket, deadline, hello, written, answer } = &mut self.state else { return Ok(None) };
        if *written < hello.len() {
            *written += socket.write(hello.get(*written..).unwrap_or_default())?;
        }
        match answer.read(socket) {
            Ok(None) => in_time(*deadline, now),
            Ok(Some(Handshake::Accept(theirs))) => judge(&self.hello, &theirs, numbered).map(Some),
            Ok(Some(Handshake::Reject(refusal))) => Err(Failure::Refused(refusal)),
            Ok(Some(Handshake::Hello(_))) => Err(Failure::Refused(Refusal::Role)),
            Err(PartError::Socket(error)) => Err(error.into()),
            Err(error @ PartError::End) => Err(Failure::Attempt(error.to_string())),
            // One of another version answers in its own.
            Err(PartError::Handshake(error @ HandshakeError::Protocol { .. })) => {
                Err(Failure::Refused(error.refusal()))
            }
            Err(error) => Err(Failure::Corrupt(error.to_string())),
        }
    }

    /// From `Connecting` to `Greeting`.
    fn greet(&mut self, next: u64) -> Result<(), Failure> {
        self.hello.next = next;
        // Its size was checked when the link was opened, and has not changed since.
        let hello = Handshake::Hello(self.hello.clone()).encode().map_err(|e| Failure::Attempt(e.to_string()))?;
        self.state = match std::mem::replace(&mut self.state, State::Closed) {
            State::Connecting { socket, deadline } => {
                State::Greeting { socket, deadline, hello, written: 0, answer: PartReader::new() }
            }
            other => other,
        };
        Ok(())
    }

    /// From `Greeting` to `Up`.
    fn connected(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Closed) {
            State::Greeting { socket, .. } => State::Up { socket },
            other => other,
        };
        self.since = Instant::now();
        self.refusal = None;
        if self.counters.connects.get() > 0 {
            self.counters.reconnects.add(1);
        }
        self.counters.connects.add(1);
        tracing::info!(link = self.name, address = self.address, "connected");
    }

    fn failed(&mut self, failure: Failure, now: Instant) {
        let mut pause = self.backoff.pause();
        self.trouble = failure.to_string();
        match failure {
            Failure::Attempt(reason) => {
                self.counters.connect_failures.add(1);
                tracing::debug!(link = self.name, address = self.address, reason, "no connection");
            }
            Failure::Corrupt(reason) => {
                self.counters.corrupt.add(1);
                notice::warning!(self.notices, link = self.name, address = self.address, reason, "broken handshake");
            }
            Failure::Refused(refusal) => {
                self.counters.refused.add(1);
                if !refusal.is_transient() {
                    pause = self.longest_pause;
                }
                if self.refusal.as_ref() != Some(&refusal) {
                    notice::error!(self.notices, link = self.name, address = self.address, %refusal, "handshake refused");
                }
                self.refusal = Some(refusal);
            }
        }
        self.state = State::Waiting { until: later(now, pause) };
    }
}

impl From<SocketError> for Failure {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Io(error) => attempt(error),
            SocketError::Refused(refusal) => Self::Refused(refusal),
            SocketError::Corrupt(reason) => Self::Corrupt(reason),
        }
    }
}

/// What the answer of a peer comes to, for a link that has numbered its messages up to `numbered`.
fn judge(ours: &Hello, theirs: &Hello, numbered: u64) -> Result<Answer, Failure> {
    let acceptance = compatible(ours, theirs).map_err(Failure::Refused)?;
    let next = match theirs.session {
        0 => None,
        _ if theirs.next <= numbered => Some(theirs.next),
        // It would have this side count messages that there never were.
        _ => return Err(Failure::Corrupt("the peer claims to have what was never sent".to_owned())),
    };
    Ok(Answer { next, acceptance })
}

fn attempt(error: io::Error) -> Failure {
    Failure::Attempt(error.to_string())
}

fn in_time(deadline: Instant, now: Instant) -> Result<Option<Answer>, Failure> {
    if now < deadline { Ok(None) } else { Err(Failure::Attempt("no answer in time".to_owned())) }
}
