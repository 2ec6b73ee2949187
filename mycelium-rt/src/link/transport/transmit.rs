//! The sending end of one kind of link: how it finds its peer ([`Dial`]) and passes messages on to it ([`Transmit`]).
//!
//! The [`Link`](crate::link::Link) decides what happens when there is no room, how things are counted, and when to look for
//! the peer again. The end carries it out. Only the end makes system calls, to sleep as well.

use std::task::Waker;
use std::time::Duration;

use crate::link::sender::{Flushed, Unflushed};
use crate::link::wait::{aside, wait};
use crate::link::{Counters, Interest};
use crate::message::Message;
use crate::wire::{Acceptance, HandshakeError, Refusal};

/// How one kind of link finds its peer and shakes hands.
pub trait Dial {
    /// An attempt in progress.
    type Dialing;
    /// An established connection, on which messages flow.
    type Up;
    /// What the peer said when it accepted.
    type Answer;

    /// Begins an attempt.
    fn begin(&mut self) -> Result<Self::Dialing, Failure>;

    /// Takes the next steps, as far as possible now.
    fn step(&mut self, dialing: Self::Dialing) -> Result<Progress<Self>, Failure>;

    /// What to wait for before the next step.
    fn awaits(dialing: &Self::Dialing) -> Option<Interest<'_>> {
        let _ = dialing;
        None
    }
}

/// How far an attempt has come.
pub enum Progress<D: Dial + ?Sized> {
    /// Nothing can be done now.
    Waiting(D::Dialing),
    /// There is a peer, which gave this answer.
    Done(D::Up, D::Answer),
}

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No peer was reached, or not in time.
    #[error("{0}")]
    Attempt(String),
    /// The peer, or this side, refuses the other.
    #[error("{0}")]
    Refused(Refusal),
    /// The peer broke the protocol.
    #[error("broken handshake: {0}")]
    Corrupt(String),
}

impl Failure {
    /// No peer was reached, or not in time.
    pub fn attempt(reason: impl ToString) -> Self {
        Self::Attempt(reason.to_string())
    }

    /// The peer broke the protocol.
    pub fn corrupt(reason: impl ToString) -> Self {
        Self::Corrupt(reason.to_string())
    }
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        match error {
            // A peer of another version answers in its own format.
            HandshakeError::Protocol { .. } => Self::Refused(error.refusal()),
            _ => Self::corrupt(error),
        }
    }
}

/// The sending end of one kind of link.
pub trait Transmit: Dial {
    /// Whether it holds messages itself until they are flushed. In a ring they belong to the receiver at once.
    const HOLDS: bool = false;

    /// The number of bytes that a body of `len` bytes adds to a batch.
    fn size(len: usize) -> usize {
        len
    }

    /// Takes a message for the peer; returns whether there was room. If the connection turns out to be broken,
    /// [`check`](Self::check) reports that; it is called before anything waits.
    fn push(&mut self, up: &mut Self::Up, id: u16, version: u16, body: &[u8]) -> bool;

    /// Takes the first of these messages, and as many more as is best taken at once; returns their number, 0 if there was no room. All of
    /// them have the length of the first.
    #[inline(always)]
    fn push_all<M: Message>(&mut self, up: &mut Self::Up, version: u16, messages: &[M]) -> usize {
        messages.first().map_or(0, |message| usize::from(self.push(up, M::ID, version, message.as_bytes())))
    }

    /// As [`push`](Self::push), but may drop the oldest messages that the peer has not seen, and may work without a peer.
    /// Returns how many were dropped, and whether there was room then.
    fn push_over(&mut self, up: Option<&mut Self::Up>, id: u16, version: u16, body: &[u8]) -> (u64, bool) {
        let _ = (up, id, version, body);
        (0, false)
    }

    /// Passes on what it holds, as far as the peer takes it now; `held` is what is new since the last flush.
    fn flush(&mut self, up: Option<&mut Self::Up>, held: Unflushed) -> Result<Flushed, Broken> {
        let _ = up;
        Ok(held.into())
    }

    /// Whether there is nothing to flush.
    fn is_empty(&self) -> bool {
        true
    }

    /// Checks whether the peer is still there, and has not sent what it must not.
    fn check(&mut self, up: &mut Self::Up) -> Result<(), Broken>;

    /// A peer was found: settles what its answer says about earlier messages, and returns which messages it accepts.
    fn greeted(&mut self, up: &mut Self::Up, answer: Self::Answer, counters: &Counters) -> Acceptance;

    /// Takes back those messages it holds that the new peer does not accept.
    fn retain(&mut self, accepts: impl FnMut(u16) -> bool) {
        let _ = accepts;
    }

    /// The number of messages that were passed on and that the peer has not taken.
    fn unread(up: &Self::Up) -> u64 {
        let _ = up;
        0
    }

    /// The connection broke.
    fn lost(&mut self, up: Self::Up);

    /// Counts messages that were dropped before they were pushed: the next message reports them to the receiver.
    fn note_lost(&mut self, up: Option<&mut Self::Up>, messages: u64);

    /// What to wait for while there is a peer.
    fn interest<'a>(&'a self, up: &'a Self::Up) -> Option<Interest<'a>> {
        let _ = up;
        None
    }

    /// Registers a waker to call when there is room, or the connection can take a step; `None` removes it. For ends without
    /// a descriptor to wait for.
    fn wake(&mut self, waker: Option<&Waker>) {
        let _ = waker;
    }

    /// Announces that the owner is about to sleep although messages wait for room, and that the peer is to wake it once there is some; false if
    /// there is room now. [`unpark`](Self::unpark) follows in any case. For ends whose [`interest`](Self::interest) or [waker](Self::wake) is not
    /// enough.
    fn park(&mut self, up: &mut Self::Up) -> bool {
        let _ = up;
        true
    }

    /// Announces that the owner is awake.
    fn unpark(&mut self, up: &mut Self::Up) {
        let _ = up;
    }

    /// Sleeps until the peer may have made room, or is gone, or the time is over.
    fn wait_for_room(&mut self, up: &mut Self::Up, timeout: Duration);

    /// Sleeps until the attempt to find a peer can go on, if there is one, or the time is over.
    fn wait_for_peer(&mut self, dialing: Option<&Self::Dialing>, timeout: Duration) {
        // If the kernel cannot wait, it is asked again soon: the callers have deadlines of their own.
        let _ = aside(|| wait(dialing.and_then(Self::awaits), Some(timeout)));
    }

    /// Gives up what it still holds; returns the number of messages.
    fn abandon(&mut self) -> u64 {
        0
    }
}

/// Why a connection can no longer be used.
pub struct Broken {
    pub reason: String,
    /// Whether the peer broke the protocol.
    pub is_corrupt: bool,
}

impl Broken {
    /// The peer is gone.
    pub fn gone(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_corrupt: false }
    }

    /// The peer broke the protocol.
    pub fn corrupt(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_corrupt: true }
    }
}
