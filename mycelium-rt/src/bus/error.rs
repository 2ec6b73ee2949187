//! What can go wrong on a bus.

use crate::ring::GeometryError;

/// Why a call of a bus failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// A subscription, a service or a link needs a ring that can't be made: for no message, or for too many.
    #[error("a queue of {capacity} messages of {size} bytes can't be made: {reason}; choose another capacity")]
    Ring {
        /// The number of messages that it should hold.
        capacity: usize,
        /// The size of the largest message, in bytes.
        size: usize,
        /// Why it can't be made.
        reason: GeometryError,
    },
    /// `receiver::<M>()` was called while there is a receiver of `M`.
    #[error(
        "`{message}` has a receiver already: a message that is sent point to point has one; drop it before taking another"
    )]
    ReceiverTaken {
        /// The message.
        message: &'static str,
    },
    /// The bus was [closed](super::Bus::close).
    #[error("the bus is closed")]
    Closed,
    /// Two services would reply to one message.
    #[error("a service replies to `{message}` already: a request has one; shut it down before spawning another")]
    ResponderTaken {
        /// The message.
        message: &'static str,
    },
    /// Another message on this bus has the id.
    #[error(
        "messages `{message}` and `{by}` have the same id {id}: give one of them another id in its contract, or use two buses"
    )]
    IdTaken {
        /// The id.
        id: u16,
        /// The message that comes second.
        message: &'static str,
        /// The message that came first.
        by: &'static str,
    },
    /// The message is on this bus with another layout.
    #[error(
        "`{message}` is on this bus with another layout: the program has two versions of its contract; use one of them"
    )]
    OtherLayout {
        /// The message.
        message: &'static str,
    },
}

/// What a subscriber receives instead of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecvError {
    /// This many messages were dropped, since the subscription was full. The next one that is received is the first after the gap.
    #[error("{0} messages were dropped, since the subscription was full")]
    Lagged(u64),
    /// The bus is closed, and everything that was published was received.
    #[error("the bus is closed")]
    Closed,
}

/// Why a message could not be sent point to point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// The channel is full.
    #[error("the channel is full: its receiver is slower than its senders")]
    Full,
    /// The bus and the receiver are gone.
    #[error("the bus is closed, and the receiver is gone")]
    Closed,
}

/// Why a request has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// No running service replies to this message.
    #[error("no service replies to `{request}`: spawn one whose handler returns a message")]
    NoResponder {
        /// The request.
        request: &'static str,
    },
    /// No service of this process replies to this message, which a link forwards: requests don't go over links.
    #[error(
        "no service of this process replies to `{request}`: a link forwards it, but requests stay in the process; publish it, and have the \
         other side publish its answer"
    )]
    Remote {
        /// The request.
        request: &'static str,
    },
    /// The inbox of the service that replies is full.
    #[error("the inbox of the service that replies to `{request}` is full: give it more room by `Options::capacity`")]
    Full {
        /// The request.
        request: &'static str,
    },
    /// There was no reply in time. A later one is dropped.
    #[error("no reply to `{request}` came in time")]
    TimedOut {
        /// The request.
        request: &'static str,
    },
    /// The service ended, or its handler panicked, before it replied.
    #[error("the service ended, or panicked, before it replied to `{request}`")]
    Unanswered {
        /// The request.
        request: &'static str,
    },
    /// The handler replies with another message than the one that was expected.
    #[error("the reply to `{request}` is not a `{expected}`: request the message that the handler returns")]
    OtherReply {
        /// The request.
        request: &'static str,
        /// The reply that was expected.
        expected: &'static str,
    },
}
