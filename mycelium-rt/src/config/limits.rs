//! Limits on the resources of links and inputs.

use std::time::Duration;

/// Limits on the resources of a link or an input. They bound all memory, whatever peers do.
///
/// The defaults, and the ranges to which [`Config::limits`](super::Config::limits) clamps the values:
///
/// | field | default | range |
/// |---|---|---|
/// | `connections` | 64 | up to 65,536; with 0 every peer is refused as busy |
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
/// A duration longer than a hundred years counts as a hundred years.
///
/// ```
/// use mycelium_rt::{Config, link::Limits};
///
/// let config = Config::new().limits(Limits { connections: 4, ..Limits::default() });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of peers of one input; more are refused as busy. If several [`Users`](super::Users) may connect to a path, each of them
    /// has an equal share.
    pub connections: usize,
    /// The maximum number of connections of one input whose handshake is not complete. Another one replaces the oldest.
    pub pending: usize,
    /// How long a handshake may take, from the connection on.
    pub handshake: Duration,
    /// How long a frame may take over a socket, from its first byte to its last, before its connection is closed. It may take up to a quarter
    /// longer. Between two frames a peer may be silent without a limit.
    pub frame: Duration,
    /// The buffer of a sender in bytes, at least one frame of its largest message. A sender with a full buffer is full.
    pub send_buffer: usize,
    /// The buffer of an input per peer in bytes, at least the largest possible frame, 64 KiB.
    pub receive_buffer: usize,
    /// The largest ring over shared memory, in bytes: a link refuses to open with a larger one, an input refuses a peer with a larger one.
    /// Raise it at both ends. At most 1 GiB.
    pub ring_bytes: usize,
    /// The maximum number of messages of one peer in one `poll`, so that no peer starves another.
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
    /// More peers than a process has descriptors for.
    const MAX_PEERS: usize = 1 << 16;
    /// More bytes than are useful for a buffer.
    const MAX_BYTES: usize = 1 << 30;
    /// The least time in which a busy peer on this host can answer.
    const MIN_WAIT: Duration = Duration::from_millis(10);
    /// The least pause between attempts that does not keep a core busy.
    const MIN_PAUSE: Duration = Duration::from_micros(100);

    /// The nearest valid limits: an input that delivers nothing in a turn, or allows no handshake, would be silent, and a buffer cannot be
    /// unbounded.
    pub(super) fn in_range(self) -> Self {
        Self {
            connections: self.connections.min(Self::MAX_PEERS),
            pending: self.pending.clamp(1, Self::MAX_PEERS),
            send_buffer: self.send_buffer.min(Self::MAX_BYTES),
            receive_buffer: self.receive_buffer.min(Self::MAX_BYTES),
            ring_bytes: self.ring_bytes.min(Self::MAX_BYTES),
            turn: self.turn.max(1),
            handshake: self.handshake.max(Self::MIN_WAIT),
            frame: self.frame.max(Self::MIN_WAIT),
            backoff: self.backoff.max(Self::MIN_PAUSE),
            backoff_max: self.backoff_max.max(Self::MIN_PAUSE),
        }
    }
}
