//! How one kind of link passes messages on to its peer: what a [`Link`](crate::link::Link) of this kind does otherwise than the others.
//!
//! Decisions are the link's: what happens when there is no room, what counts as what, when to look for the peer again. The end carries them
//! out. It alone asks the kernel, also to sleep.

use std::task::Waker;
use std::time::Duration;

use crate::link::sender::{Flushed, Unflushed};
use crate::link::wait::{aside, wait};
use crate::link::{Counters, Interest};
use crate::wire::{Acceptance, HandshakeError, Refusal};

/// How one kind of link finds its peer, and shakes hands.
pub trait Dial {
    /// An attempt under way.
    type Dialing;
    /// What messages flow over.
    type Up;
    /// What the peer has said when it accepted.
    type Answer;

    /// Begins an attempt.
    fn begin(&mut self) -> Result<Self::Dialing, Failure>;

    /// Takes the next steps as far as they can be taken now.
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
    /// There is a peer, which has said this.
    Done(D::Up, D::Answer),
}

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
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

impl Failure {
    /// Nobody there, or not in time.
    pub fn attempt(reason: impl ToString) -> Self {
        Self::Attempt(reason.to_string())
    }

    /// Somebody who speaks something else.
    pub fn corrupt(reason: impl ToString) -> Self {
        Self::Corrupt(reason.to_string())
    }
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        match error {
            // One of another version answers in its own.
            HandshakeError::Protocol { .. } => Self::Refused(error.refusal()),
            _ => Self::corrupt(error),
        }
    }
}

/// The sending end of one kind of link.
pub trait Transmit: Dial {
    /// Whether it holds messages itself until they are flushed. In a ring they are the receiver's at once.
    const HOLDS: bool = false;

    /// What a body of `len` bytes counts for in a batch, in bytes.
    fn size(len: usize) -> usize {
        len
    }

    /// Takes a message for the peer; says whether there was room. That the connection is of no more use is for [`check`](Self::check) to say,
    /// which follows before anybody waits.
    fn push(&mut self, up: &mut Self::Up, id: u16, version: u16, body: &[u8]) -> bool;

    /// Takes a message if it can by dropping the oldest that nobody has seen, and without a peer too. Says how many were dropped, and
    /// whether there was room then.
    fn push_over(&mut self, up: Option<&mut Self::Up>, id: u16, version: u16, body: &[u8]) -> (u64, bool) {
        let _ = (up, id, version, body);
        (0, false)
    }

    /// Passes on what it holds, as far as the peer takes it now, of which `held` is new since the last time.
    fn flush(&mut self, up: Option<&mut Self::Up>, held: Unflushed) -> Result<Flushed, Broken> {
        let _ = up;
        Ok(held.into())
    }

    /// Whether it holds nothing that a flush could pass on.
    fn is_empty(&self) -> bool {
        true
    }

    /// Finds out whether the peer is still there, and says nothing that it must not.
    fn check(&mut self, up: &mut Self::Up) -> Result<(), Broken>;

    /// There is a peer: makes of its answer what that says about earlier messages, and which it accepts.
    fn greeted(&mut self, up: &mut Self::Up, answer: Self::Answer, counters: &Counters) -> Acceptance;

    /// Takes back, of the messages that it holds, those that the new peer does not accept.
    fn retain(&mut self, accepts: impl FnMut(u16) -> bool) {
        let _ = accepts;
    }

    /// Messages that were passed on, and that the peer has not taken.
    fn unread(up: &Self::Up) -> u64 {
        let _ = up;
        0
    }

    /// The connection broke.
    fn lost(&mut self, up: Self::Up);

    /// Counts messages that were dropped before they came here: the next one tells the receiver.
    fn note_lost(&mut self, up: Option<&mut Self::Up>, messages: u64);

    /// What to wait for while there is a peer.
    fn interest<'a>(&'a self, up: &'a Self::Up) -> Option<Interest<'a>> {
        let _ = up;
        None
    }

    /// Has the waker called when there is room, or a next step of the connection can be taken; with none, no longer. For ends that the owner
    /// can't wait for by a descriptor.
    fn wake(&mut self, waker: Option<&Waker>) {
        let _ = waker;
    }

    /// Sleeps until the peer may have made room, or is gone, or the time is over.
    fn wait_for_room(&mut self, up: &mut Self::Up, timeout: Duration);

    /// Sleeps until the attempt to find a peer can go on, if there is one, or the time is over.
    fn wait_for_peer(&mut self, dialing: Option<&Self::Dialing>, timeout: Duration) {
        // If the kernel cannot wait, it is asked again soon: the callers have deadlines of their own.
        let _ = aside(|| wait(dialing.and_then(Self::awaits), Some(timeout)));
    }

    /// Gives up what it still holds, and says how many messages these are.
    fn abandon(&mut self) -> u64 {
        0
    }
}

/// Why a connection is of no more use.
pub struct Broken {
    pub reason: String,
    /// Whether the peer has said or written what it must not.
    pub is_corrupt: bool,
}

impl Broken {
    /// The peer is gone.
    pub fn gone(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_corrupt: false }
    }

    /// The peer has said or written what it must not.
    pub fn corrupt(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_corrupt: true }
    }
}
