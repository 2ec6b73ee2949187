//! The receiving end of one kind of link.
//!
//! ```text
//! accept ─▶ hear ──(hello)──▶ welcome ──(done)──▶ admit ─▶ Peer: receive, listen ─▶ close
//!             ╰──────────────────┴──────▶ dismiss
//! ```
//!
//! The [`Input`](crate::link::Input) decides who may connect, whose messages agree, who gets a place, whose turn it is, and
//! how things are counted. The end carries it out. Only the end makes system calls, to sleep as well.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::Waker;
use std::time::Duration;

pub use rustix::io::Errno;

use crate::link::delivery::Deliver;
use crate::link::unknown::Welcome;
use crate::link::{Counters, Users};
use crate::sys::BorrowedFd;
#[cfg(all(unix, any(feature = "net", feature = "shm")))]
use crate::sys::own_user;
use crate::wire::{FrameError, Hello, Refusal};

/// Listens, and keeps the connections of an input. Each of its connections is either a newcomer or a peer.
pub trait RecvEnd {
    /// A connection that has not shaken hands yet. It holds no more memory than one handshake needs.
    type Newcomer;
    /// A connection on which messages arrive.
    type Peer: Peer;

    /// The number of listeners, one or more.
    fn listeners(&self) -> usize {
        1
    }

    /// The TCP address at which a listener listens, if it has one.
    fn local_address(&self, _listener: usize) -> Option<SocketAddr> {
        None
    }

    /// The next connection that waits at a listener. What arrives on it is reported as [`Event::Newcomer`].
    ///
    /// # Errors
    /// Those of the system calls; `WOULDBLOCK` if none waits.
    fn accept(&mut self, listener: usize) -> Result<Accepted<Self::Newcomer>, Errno>;

    /// Sets whether a connection that waits at this listener is reported as [`Event::Newcomer`] and ends a sleep; at first
    /// it is.
    fn set_listening(&mut self, listener: usize, on: bool) {
        let _ = (listener, on);
    }

    /// Takes the next step of a handshake, if what it needs has arrived.
    fn hear(&mut self, newcomer: &mut Self::Newcomer) -> Heard;

    /// A newcomer that has said hello may stay: it is sent `answer`, now or when it is [admitted](Self::admit).
    fn welcome(&mut self, newcomer: &mut Self::Newcomer, welcome: &Welcome, answer: &[u8]) -> Heard;

    /// Makes a peer of a newcomer whose handshake is complete. `next` is the number of its next message, for kinds of links
    /// that number messages. What arrives on it is reported as [`Event::Peer`] of this place. `None` if the connection
    /// broke.
    fn admit(&mut self, newcomer: Self::Newcomer, place: usize, welcome: Welcome, next: u64) -> Option<Self::Peer>;

    /// Ends the connection of a newcomer, after sending it the rejection, if there is one. If it does not listen, it is not
    /// told.
    fn dismiss(&mut self, newcomer: Self::Newcomer, rejection: Option<&[u8]>);

    /// Ends the connection of a peer.
    fn close(&mut self, peer: Self::Peer) {
        drop(peer);
    }

    /// Whether each of `peers` peers is asked for messages in turn; if not, only those that a [wait](Self::wait) reported.
    #[inline(always)]
    fn asks_each(&self, peers: usize) -> bool {
        let _ = peers;
        true
    }

    /// Whether to [look](Self::look) in this turn, for an input with `peers` peers. Called once per turn.
    fn is_look_due(&mut self, peers: usize) -> bool {
        let _ = peers;
        true
    }

    /// Makes the next look due at once.
    fn hurry(&mut self) {}

    /// Finds out what has happened besides messages, which [`event`](Self::event) then reports. Returns whether newcomers
    /// may have said something.
    ///
    /// # Errors
    /// Those of the system call.
    fn look(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    /// Sleeps until something happens, for `timeout` at most. What that was is then reported by [`event`](Self::event).
    ///
    /// # Errors
    /// Those of the system call.
    fn wait(&mut self, timeout: Duration) -> io::Result<()>;

    /// Calls `readable` with each descriptor that the owner may sleep on: one of them is readable whenever something has happened. There is
    /// none for ends that [call a waker](Self::wake). [`unpark`](Self::unpark) follows.
    fn park<'a>(&'a mut self, readable: impl FnMut(BorrowedFd<'a>)) {
        let _ = readable;
    }

    /// The sleep is over.
    fn unpark(&mut self) {}

    /// Registers a waker to call when something happens; `None` removes it. For ends without a descriptor to wait for.
    fn wake(&mut self, waker: Option<&Waker>) {
        let _ = waker;
    }

    /// What had happened when that was last checked, by its position.
    fn event(&self, at: usize) -> Option<Event> {
        let _ = at;
        None
    }

    /// Spins for as long as that is better than sleeping; returns whether to sleep then.
    fn spin(&self, timeout: Duration, is_ready: impl Fn() -> bool) -> bool {
        let _ = (timeout, is_ready);
        true
    }
}

/// A connection on which messages arrive.
pub trait Peer {
    /// The number of turns that a connection may still have when its sender has come back on another one; 0 if the sender
    /// counts what is left on it as lost.
    const LAST_TURNS: usize = 0;

    /// Takes what has arrived, at most `budget` messages: delivers them, or gives them to the hook of unknown messages.
    /// Returns how many, and why the peer must go, if it must.
    fn receive(&mut self, budget: usize, counters: &Counters, delivery: &mut impl Deliver) -> (usize, Option<End>);

    /// Whether it has something to deliver, or has to go, as far as is known without a system call.
    fn is_ready(&self) -> bool;

    /// Prepares for a sleep of the input.
    fn park(&mut self) {}

    /// Ends the sleep.
    fn unpark(&mut self) {}

    /// Handles that something besides messages has happened on its connection.
    ///
    /// # Errors
    /// Why the peer must go.
    fn listen(&mut self) -> Result<(), End> {
        Ok(())
    }

    /// The number of the message of which only a part has arrived.
    fn partial(&self) -> Option<u64> {
        None
    }

    /// The number of the next message, for kinds of links that number messages.
    fn next(&self) -> u64 {
        0
    }

    /// The number of messages that this connection has delivered. Among remembered senders, those that delivered least are
    /// forgotten first.
    fn delivered(&self) -> u64 {
        0
    }

    /// Once it is gone: the number of missing messages that no message has reported. `None` if it claims a number that is
    /// not plausible.
    fn untold_lost(&self) -> Option<u64> {
        Some(0)
    }
}

/// An accepted connection.
pub struct Accepted<N> {
    pub newcomer: N,
    /// Who connected, if the kernel says so.
    pub from: io::Result<Remote>,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// A process of this host that runs as this user.
    User(u32),
    /// A process at this address.
    Address(SocketAddr),
}

impl Remote {
    /// Whether this process may connect, or be connected to: one on this host must run as an allowed user. One on another host is
    /// identified by its certificate, or not at all.
    pub(crate) fn is_allowed(self, users: &Users) -> bool {
        match (self, users) {
            #[cfg(all(unix, any(feature = "net", feature = "shm")))]
            (Self::User(user), Users::Same) => user == own_user(),
            // Nobody can tell a user there.
            #[cfg(not(all(unix, any(feature = "net", feature = "shm"))))]
            (Self::User(_), Users::Same) => false,
            (Self::User(user), Users::Ids(allowed)) => allowed.contains(&user),
            (Self::Address(_), _) => true,
        }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "user {user}"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// The result of a step of a handshake.
pub enum Heard {
    /// Nothing yet, or nothing that the input has to know.
    Nothing,
    /// What the newcomer has. It may be welcomed.
    Hello(Hello),
    /// The handshake is complete. The newcomer may be admitted.
    Done,
    /// The newcomer is refused, and is told why.
    Refused(Refusal),
    /// The newcomer broke the protocol.
    Corrupt(String),
    /// The newcomer has left.
    Gone(String),
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A connection waits to be accepted, or something has arrived from a newcomer.
    Newcomer,
    /// Something has arrived from the peer at this place.
    Peer(usize),
}

/// Why a peer is gone, or must go.
#[derive(Debug, thiserror::Error)]
pub enum End {
    /// It left, or its connection broke.
    #[error("{0}")]
    Left(Cow<'static, str>),
    /// Its sender has come back on another connection.
    #[error("the sender has come back on another connection")]
    Superseded,
    /// It sent a part of a frame, and not the rest in time.
    #[error("a frame was not complete in time")]
    Stalled,
    /// It sent a message that it had not announced.
    #[error("message id {0} was not announced")]
    Unlisted(u16),
    /// It sent a body that violates its contract.
    #[error("a body violates its contract: {0}")]
    Body(String),
    /// It broke the protocol.
    #[error("{0}")]
    Corrupt(String),
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Unlisted { type_id } => Self::Unlisted(type_id),
            error => Self::Corrupt(error.to_string()),
        }
    }
}
