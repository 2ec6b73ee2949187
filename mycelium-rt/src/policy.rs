//! What a link does when it is full, and when it writes its messages.

use core::num::NonZeroU32;
use core::time::Duration;

/// What happens to a message when its link is full.
///
/// A link is full when its buffer or ring has no room for another message, and as long as it has no peer. The sender counts dropped messages,
/// and the receiver sees them: on sockets as a gap in the sequence, in rings by the `lost` count of the next message.
///
/// ```
/// use mycelium_rt::link::OnFull;
/// use std::time::Duration;
///
/// assert_eq!(OnFull::default(), OnFull::Block);
/// assert!(OnFull::BlockFor(Duration::from_millis(5)).may_block());
/// assert!(!OnFull::DropNewest.may_block());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFull {
    /// Wait until there is room, without a limit. Nothing is lost while the peer lives.
    #[default]
    Block,
    /// Wait at most this long, then drop the message and report [`SendError::TimedOut`](crate::link::SendError::TimedOut).
    BlockFor(Duration),
    /// Drop the current message.
    DropNewest,
    /// Drop the oldest messages that the sender still holds. Only where the sender has a buffer of its own: an unread slot of a ring belongs to
    /// the consumer. Without a peer the newest messages are kept, up to the buffer's size.
    DropOldest,
    /// Drop the message and report [`SendError::Full`](crate::link::SendError::Full).
    Error,
    /// Keep the newest message of each key beside the link, and hand it over as soon as there is room, in the order in which the keys came
    /// first. What it replaces is counted as [`conflated`](crate::link::LinkStats::conflated). See [`latest`](Self::latest).
    Latest {
        /// How many keys of each message may wait at a time. A message with one more key is dropped like the newest.
        keys: NonZeroU32,
    },
}

impl OnFull {
    /// Keeps the newest message of each key, of `keys` keys at most; zero means one.
    ///
    /// Messages of different ids never replace each other. The key is an argument of [`Link::send_by_key`](crate::link::Link::send_by_key); a
    /// message that is sent without one has the key 0.
    ///
    /// ```
    /// use mycelium_rt::link::{Address, LinkSpec, OnFull};
    ///
    /// let spec = LinkSpec { on_full: OnFull::latest(4096), ..LinkSpec::new("view", Address::tcp("127.0.0.1:7402"), "market", &[]) };
    /// assert!(!spec.on_full.may_block());
    /// ```
    pub const fn latest(keys: u32) -> Self {
        match NonZeroU32::new(keys) {
            Some(keys) => Self::Latest { keys },
            None => Self::Latest { keys: NonZeroU32::MIN },
        }
    }

    /// Whether a sender with this policy may wait.
    pub const fn may_block(self) -> bool {
        matches!(self, Self::Block | Self::BlockFor(_))
    }

    /// The keyword in `routing_config!`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Block | Self::BlockFor(_) => "block",
            Self::DropNewest => "drop_newest",
            Self::DropOldest => "drop_oldest",
            Self::Error => "error",
            Self::Latest { .. } => "latest",
        }
    }
}

/// When a link writes its messages: after `max` of them, or when the oldest has waited for `delay`.
///
/// A batch is also written at every `flush`. A lane calls it when it goes idle, so that light traffic has no delay, and about once a
/// millisecond when it is never idle.
///
/// ```
/// use mycelium_rt::link::Batch;
/// use std::time::Duration;
///
/// assert_eq!(Batch::default(), Batch::low_latency());
/// let batch = Batch::of(32).with_delay(Duration::from_micros(50));
/// assert_eq!(batch.max.get(), 32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The number of messages of a complete batch.
    pub max: NonZeroU32,
    /// The longest time that a message waits for others. With zero, only `max` and the flushes of the lane limit it.
    pub delay: Duration,
}

impl Batch {
    /// Writes every message at once.
    pub const fn low_latency() -> Self {
        Self { max: NonZeroU32::MIN, delay: Duration::ZERO }
    }

    /// Writes up to 1,024 messages at once, none of which waits for longer than 50 µs.
    pub const fn high_throughput() -> Self {
        Self::of(1024).with_delay(Duration::from_micros(50))
    }

    /// Batches of `max` messages without a delay. Zero means one.
    pub const fn of(max: u32) -> Self {
        let max = match NonZeroU32::new(max) {
            Some(max) => max,
            None => NonZeroU32::MIN,
        };
        Self { max, delay: Duration::ZERO }
    }

    /// The same batches, written after `delay` at the latest.
    pub const fn with_delay(self, delay: Duration) -> Self {
        Self { max: self.max, delay }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::low_latency()
    }
}
