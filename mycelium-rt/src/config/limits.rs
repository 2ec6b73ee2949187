//! Bounds on what ends may take, and the range of each.

use std::time::Duration;

/// Bounds on what a link or an input may take. All memory follows from them, whatever peers do.
///
/// The defaults, and what [`Config::limits`](super::Config::limits) makes of a number that no link can work with:
///
/// | field | default | range |
/// |---|---|---|
/// | `connections` | 64 | up to 65,536; with 0 every peer is told that the input is busy |
/// | `pending` | 32 | 1 to 65,536 |
/// | `handshake` | 2 s | any |
/// | `frame` | 10 s | any |
/// | `send_buffer` | 256 KiB | one frame of the largest message, to 1 GiB |
/// | `receive_buffer` | 128 KiB | 64 KiB, to 1 GiB |
/// | `ring_bytes` | 64 MiB | up to 1 GiB |
/// | `turn` | 1,024 | from 1 |
/// | `backoff` | 1 ms | any |
/// | `backoff_max` | 1 s | from `backoff` |
///
/// A duration that is longer than a hundred years is taken for a hundred years.
///
/// ```
/// use mycelium_rt::{Config, link::Limits};
///
/// let config = Config::new().limits(Limits { connections: 4, ..Limits::default() });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Peers of one input, at most; more are told that it is busy. Where several [`Users`](super::Users) may connect to a path, each of them has an equal
    /// share.
    pub connections: usize,
    /// Connections of one input that have not shaken hands yet, at most; the oldest gives way to the next.
    pub pending: usize,
    /// How long a handshake may take, from the connection on.
    pub handshake: Duration,
    /// How long a frame may take over a socket, from its first byte to its last, before its connection is closed. It may take up to a
    /// quarter longer. A peer that is between two frames may be silent for ever.
    pub frame: Duration,
    /// Bytes that a sender holds before it counts as full; at least one frame of its largest message.
    pub send_buffer: usize,
    /// Bytes that an input reads ahead per peer; at least the largest frame there can be, 64 KiB.
    pub receive_buffer: usize,
    /// The largest ring over shared memory, in bytes: a link refuses to open with a larger one, an input refuses a peer that has one. It
    /// must be raised at both ends. At most 1 GiB.
    pub ring_bytes: usize,
    /// Messages that one peer may deliver in one `poll`, so that no peer starves another.
    pub turn: usize,
    /// The first pause after a connection failed; doubled each time, with jitter.
    pub backoff: Duration,
    /// The longest such pause.
    pub backoff_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            pending: 32,
            handshake: Duration::from_secs(2),
            frame: Duration::from_secs(10),
            send_buffer: 256 * 1024,
            receive_buffer: 128 * 1024,
            ring_bytes: 64 * 1024 * 1024,
            turn: 1024,
            backoff: Duration::from_millis(1),
            backoff_max: Duration::from_secs(1),
        }
    }
}

impl Limits {
    /// More peers than any process has descriptors for.
    const MOST_PEERS: usize = 1 << 16;
    /// More bytes than a buffer is of use for.
    const MOST_BYTES: usize = 1 << 30;
    /// Less time than a peer on this host needs to answer when it is busy.
    const LEAST_WAIT: Duration = Duration::from_millis(10);
    /// Attempts that follow each other faster than this keep a core busy.
    const LEAST_PAUSE: Duration = Duration::from_micros(100);

    /// The nearest limits that a link can work with: an input that delivers nothing in a turn, or lets nobody shake hands, would
    /// be silent, and a buffer without a bound can't be had.
    pub(super) fn in_range(self) -> Self {
        Self {
            connections: self.connections.min(Self::MOST_PEERS),
            pending: self.pending.clamp(1, Self::MOST_PEERS),
            send_buffer: self.send_buffer.min(Self::MOST_BYTES),
            receive_buffer: self.receive_buffer.min(Self::MOST_BYTES),
            ring_bytes: self.ring_bytes.min(Self::MOST_BYTES),
            turn: self.turn.max(1),
            handshake: self.handshake.max(Self::LEAST_WAIT),
            frame: self.frame.max(Self::LEAST_WAIT),
            backoff: self.backoff.max(Self::LEAST_PAUSE),
            backoff_max: self.backoff_max.max(Self::LEAST_PAUSE),
        }
    }
}
