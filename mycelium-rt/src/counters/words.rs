//! The groups of counters.

use super::Counter;
use super::block::Words;

/// Defines a group of counters.
macro_rules! words {
    ($( #[$doc:meta] )* $visible:vis struct $group:ident { $( $( #[$field_doc:meta] )* $name:ident, )* }) => {
        $( #[$doc] )*
        #[derive(Debug)]
        #[repr(C)]
        $visible struct $group {
            $( $( #[$field_doc] )* $visible $name: Counter, )*
        }

        // SAFETY: `repr(C)`, and every field is a `Counter`: the macro writes no other.
        unsafe impl Words for $group {}
    };
}

/// Passes the list of counters of a link to another macro.
macro_rules! of_links {
    ($then:ident) => {
        $then! {
            /// Messages handed to the kernel, or committed to a ring.
            sent,
            /// Messages received and accepted.
            received,
            /// Bytes sent to another process: over a socket whole frames with headers and padding, over shared memory bodies. Always 0
            /// within a process.
            bytes_sent,
            /// Bytes received from another process, counted as those that are sent.
            bytes_received,
            /// Writes to the kernel, or flushes of a ring, each of which carried at least one message.
            batches,
            /// Messages dropped because the link was full (`drop_newest`).
            dropped_newest,
            /// Messages dropped to make room for newer ones (`drop_oldest`).
            dropped_oldest,
            /// Messages dropped because there was no room before the timeout (`block(timeout)`).
            dropped_timeout,
            /// Messages dropped with an error to the caller (`error`, a refused handshake, a message beyond the limit, a wait that was
            /// interrupted).
            dropped_error,
            /// Messages that were accepted but never sent, because the link was closed first.
            dropped_closed,
            /// Messages not sent because the peer does not know them; others are sent. They have no sequence number, so the peer sees no
            /// gap.
            not_accepted,
            /// Messages that a newer one of their key replaced while they waited for room (`latest`). They have no sequence number, so the receiver
            /// sees no gap.
            conflated,
            /// Messages that the `if` of a route or of an input turned away: nobody wanted them, so none is lost.
            filtered,
            /// Messages received that this end does not know, and passed to the hook of its input.
            unknown,
            /// Messages sent that had not arrived, as the peer reported when it reconnected: those at the end of each connection.
            lost_in_flight,
            /// Messages that the peer numbered but that never arrived here: dropped by the sender or lost with a connection.
            gaps,
            /// Connections that completed the handshake.
            connects,
            /// Connections established after an earlier one had ended.
            reconnects,
            /// Connections that ended, for any reason.
            disconnects,
            /// Attempts to connect that failed before the handshake.
            connect_failures,
            /// Times that no connection could be accepted because descriptors or memory were exhausted.
            accept_failures,
            /// Handshakes refused by either end, for a mismatch of contracts or of users.
            refused,
            /// Connections refused because the maximum number was open.
            refused_busy,
            /// Connections closed because their handshake was not complete in time.
            timed_out,
            /// Connections closed because a frame was not complete in time.
            stalled,
            /// Connections closed for an invalid frame, handshake or ring.
            corrupt,
            /// Connections closed for a message that is not listed for the input.
            unlisted,
            /// Connections closed for a body that its contract does not allow.
            invalid,
        }
    };
}
pub(crate) use of_links;

macro_rules! link_words {
    ($( $list:tt )*) => {
        words! {
            /// The live counters of a link: written by the thread that drives it, readable from any thread.
            pub struct LinkWords { $( $list )* }
        }
    };
}
of_links!(link_words);

words! {
    /// What a lane counts.
    pub(crate) struct LaneWords {
        /// Turns so far.
        turns,
        /// Top-level messages, polled sources and called timers so far.
        begun,
        /// Panics so far, or with `on_error: propagate` errors.
        panics,
        /// Restarts so far.
        restarts,
        /// Messages that were lost in panics.
        lost_in_panics,
        /// Timer ticks so late that the next one was already due.
        missed_ticks,
        /// Top-level calls after which the `local` queue was not empty at the limit.
        drain_limits,
    }
}

words! {
    /// What a service counts. A service on a lane counts only its errors.
    pub(crate) struct ServiceWords {
        /// Handlers that returned an error.
        errors,
        /// Panics so far, of a service on tokio.
        panics,
        /// Restarts so far.
        restarts,
        /// Messages that were lost in panics.
        lost_in_panics,
        /// Timer ticks so late that the next one was already due.
        missed_ticks,
    }
}

words! {
    /// What a `local` route has lost or turned away.
    pub(crate) struct LocalWords {
        /// Messages dropped for lack of room, or to make room for newer ones.
        dropped,
        /// Messages still queued when draining stopped at its limit.
        abandoned,
        /// Messages that the `if` of the route turned away.
        filtered,
    }
}

words! {
    /// What the pace of a receiver has thinned out.
    pub(crate) struct PaceWords {
        /// Messages dropped, or replaced by newer ones.
        thinned,
        /// Messages that passed undelayed, since there was no room for their key.
        too_many_keys,
    }
}
