//! A sending end, as the policies of a sender see it.

use std::time::Instant;

use super::SendError;
use super::report::Absence;

/// What messages go into: a ring to another thread, or a link with or without a peer. What happens when it is full stands in
/// [`Sender`](super::sender::Sender), once for all kinds; each kind says how to do it. It also does the waiting, so that nothing generic asks the kernel.
pub(crate) trait SendEnd {
    /// Whether it holds messages itself until they are flushed. In a ring they are the receiver's at once.
    const HOLDS: bool;

    /// What a body of `len` bytes counts for in a batch, in bytes.
    fn size(len: usize) -> usize {
        len
    }

    /// Takes the message, if there is room and somebody to take it to.
    ///
    /// # Errors
    /// Why not.
    fn push(&mut self, id: u16, body: &[u8]) -> Result<(), NotPushed>;

    /// The same, if it can by dropping the oldest messages that nobody has seen, and without a peer too. Says how many were dropped.
    fn push_over(&mut self, id: u16, body: &[u8]) -> (u64, Result<(), NotPushed>) {
        let _ = (id, body);
        (0, Err(NotPushed::Full))
    }

    /// Passes on what it holds, as far as that is taken now, of which `held` is new since the last time.
    fn flush(&mut self, held: Unflushed) -> Flushed;

    /// Whether it holds nothing that a flush could pass on.
    fn is_empty(&self) -> bool {
        true
    }

    /// Takes the next steps of the connection, if there is one: towards a peer, or finding out that it has gone. Says whether there is
    /// a peer since this moment.
    fn drive(&mut self) -> bool {
        false
    }

    /// What keeps it without a peer, while it has none.
    fn absence(&self) -> Option<Absence<'_>> {
        None
    }

    /// Why a wait for room would have no end.
    fn hopeless(&self) -> Option<SendError> {
        None
    }

    /// When to [`drive`](Self::drive) it again at the latest.
    fn timer(&self) -> Option<Instant> {
        None
    }

    /// Sleeps until there may be room, or a next step of the connection; until `deadline` at the latest, and never for long.
    fn wait(&mut self, deadline: Option<Instant>);

    /// Counts messages that were dropped before they came here: the receiver is told.
    fn note_lost(&mut self, messages: u64);

    /// Gives up what it still holds, and says how many messages these are.
    fn abandon(&mut self) -> u64 {
        0
    }

    /// Ends it. Nothing is taken any more.
    fn close(&mut self);
}

/// Why a message was not taken.
pub(crate) enum NotPushed {
    /// There is no room now, or no peer.
    Full,
    /// The peer does not know the message. That is counted already, and no loss.
    NotAccepted,
    /// It never will be.
    Never(SendError),
}

/// What came into an end since it was flushed last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unflushed {
    /// How many.
    pub messages: u64,
    /// Their bytes, by [`size`](crate::link::transport::transmit::Transmit::size).
    pub bytes: u64,
}

/// What a flush has passed on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flushed {
    /// How many messages.
    pub messages: u64,
    /// Their bytes, as they went out.
    pub bytes: u64,
    /// Whether something is left since no more is taken now.
    pub is_stuck: bool,
}

impl From<Unflushed> for Flushed {
    /// All of it.
    #[inline]
    fn from(Unflushed { messages, bytes }: Unflushed) -> Self {
        Self { messages, bytes, is_stuck: false }
    }
}
