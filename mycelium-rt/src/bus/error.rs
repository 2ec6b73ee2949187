//! What can go wrong on a bus.

use crate::ring::GeometryError;

/// Why a bus could not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// A subscription, a service or a link would need a ring that there can't be: of no message, or of too many.
    #[error("a queue of {capacity} messages of {size} bytes can't be made: {reason}; choose another capacity")]
    Ring {
        /// The messages that it should hold.
        capacity: usize,
        /// The size of the largest of them in bytes.
        size: usize,
        /// What is wrong with that.
        reason: GeometryError,
    },
    /// `receiver::<M>()` was called while there is a receiver of `M`.
    #[error("`{message}` has a receiver already: a message sent point to point has one")]
    ReceiverTaken {
        /// The message.
        message: &'static str,
    },
    /// The bus was [closed](super::Bus::close), and brings nothing any more.
    #[error("the bus is closed")]
    Closed,
    /// Two services would reply to one message.
    #[error("`{message}` is answered already: a request has one service that replies")]
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
        /// The message that was there first.
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
    /// So many messages were dropped here since the subscription was full. The next one that is received is the first after the
    /// gap.
    #[error("{0} messages were dropped, since the subscription was full")]
    Lagged(u64),
    /// The bus is closed, and everything it brought was received.
    #[error("the bus is closed")]
    Closed,
}

/// Why a message that was sent point to point stays with its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// As many messages wait as may.
    #[error("as many messages wait as may")]
    Full,
    /// The bus is gone, and the receiver with it.
    #[error("the bus is gone, and the receiver with it")]
    Closed,
}

/// Why a request has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// No service that runs replies to this message.
    #[error("no service replies to `{request}`: spawn one whose handler returns a message")]
    NoResponder {
        /// The request.
        request: &'static str,
    },
    /// No service of this process replies to this message, which a link forwards: requests don't travel over links.
    #[error(
        "no service of this process replies to `{request}`: a link forwards it, but requests stay in the process; publish it, and have the \
         other side publish its answer"
    )]
    Remote {
        /// The request.
        request: &'static str,
    },
    /// The inbox of the service that replies is full.
    #[error("the service that replies to `{request}` has as many messages waiting as may")]
    Full {
        /// The request.
        request: &'static str,
    },
    /// There was no reply in time. It is dropped if it comes later.
    #[error("no reply to `{request}` came in time")]
    TimedOut {
        /// The request.
        request: &'static str,
    },
    /// The service ended, or its handler panicked, before it replied.
    #[error("the service that was asked `{request}` ended before it replied")]
    Unanswered {
        /// The request.
        request: &'static str,
    },
    /// The handler replies with another message than the one that was asked for.
    #[error("`{request}` is not answered by `{expected}`: ask for the message that the handler returns")]
    OtherReply {
        /// The request.
        request: &'static str,
        /// The reply that was asked for.
        expected: &'static str,
    },
}
