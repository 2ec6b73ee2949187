//! The groups of counters, each with what it counts.

use super::Counter;
use super::block::Words;

/// A group of this name with these counters.
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

/// Hands the counters of a link to a macro, which makes something of them.
macro_rules! of_links {
    ($then:ident) => {
        $then! {
            /// Messages handed to the kernel, or committed to a ring.
            sent,
            /// Messages taken in and accepted.
            received,
            /// Bytes written, headers and padding included.
            bytes_sent,
            /// Bytes read, headers and padding included.
            bytes_received,
            /// Writes to the kernel, or flushes of a ring, each of which carried at least one message.
            batches,
            /// Messages dropped because the link was full (`drop_newest`).
            dropped_newest,
            /// Messages dropped to make room for newer ones (`drop_oldest`).
            dropped_oldest,
            /// Messages dropped because there was no room in time (`block(timeout)`).
            dropped_timeout,
            /// Messages dropped with an error to the caller (`error`, a refused handshake, a message beyond the limit, a wait that was interrupted).
            dropped_error,
            /// Messages that were accepted but never sent, because the link was closed first.
            dropped_closed,
            /// Messages that were not sent since the peer does not know them: all else flows. They are not numbered, so the peer sees no gap.
            not_accepted,
            /// Messages taken in that this side does not know, and given to the hook of its input.
            unknown,
            /// Messages that were sent but, as the peer said when it came back, had not arrived: those at the end of each connection.
            lost_in_flight,
            /// Messages that the peer numbered but that never arrived here: dropped by the sender or lost with a connection.
            gaps,
            /// Connections that were up and running, and shook hands.
            connects,
            /// Connections that came about after an earlier one had ended.
            reconnects,
            /// Connections that ended, for whatever reason.
            disconnects,
            /// Attempts to connect that failed before the handshake.
            connect_failures,
            /// Times that no connection could be accepted, since descriptors or memory were used up.
            accept_failures,
            /// Handshakes refused by either side, for a mismatch of contracts or of users.
            refused,
            /// Connections turned away since as many as allowed were open.
            refused_busy,
            /// Connections closed since their handshake was not complete in time.
            timed_out,
            /// Connections closed since a frame was not complete in time.
            stalled,
            /// Connections closed for frames that lie, a broken handshake, or a broken ring.
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
            /// The live counters of a link: written by the thread that drives it, readable from any.
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
        /// Top-level messages, sources asked and timers called so far.
        begun,
        /// Panics so far, or with `on_error: propagate` errors.
        panics,
        /// Restarts so far.
        restarts,
        /// Messages that were lost in panics.
        lost_in_panics,
        /// Ticks of timers that came so late that the next was due already.
        missed_ticks,
        /// Top-level calls after which the `local` queue was not empty at the limit.
        drain_limits,
    }
}

words! {
    /// What a service counts; of one on a lane only its errors.
    pub(crate) struct ServiceWords {
        /// Handlers that returned an error.
        errors,
        /// Panics so far, of a service on tokio.
        panics,
        /// Restarts so far.
        restarts,
        /// Messages that were lost in panics.
        lost_in_panics,
        /// Ticks of timers that came so late that the next was due already.
        missed_ticks,
    }
}

words! {
    /// What a `local` route has lost.
    pub(crate) struct LocalWords {
        /// Messages that found no room, or made room for newer ones.
        dropped,
        /// Messages that still waited when draining stopped at its limit.
        abandoned,
    }
}
