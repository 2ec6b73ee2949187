//! The control words of a half: three lines, each written by one side only.
//!
//! A line has 128 bytes since the processors of this class fetch cache lines in pairs. The alignment is our own and not taken from
//! a crate whose value varies by target: two processes must agree on this layout.

use super::wake_word::WakeWord;
use crate::sync::{AtomicU32, AtomicU64};

/// Written by the producer of the ring in this half.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct ProducerLine {
    /// Changes whenever the producer wakes the consumer.
    pub(crate) wake_data: WakeWord,
    /// Messages committed, as of the last flush.
    pub(crate) committed: AtomicU64,
    /// Bytes of bodies committed, as of the last flush.
    pub(crate) bytes: AtomicU64,
    /// Messages dropped before they were committed, as of the last flush: also those after the last message.
    pub(crate) lost: AtomicU64,
}

/// Written by the owner of this half as the consumer of the other half's ring.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct ConsumerLine {
    /// The next sequence number that the consumer needs; every slot before it may be reused.
    pub(crate) cursor: AtomicU64,
    /// Changes whenever the consumer wakes the producer.
    pub(crate) wake_space: WakeWord,
}

/// Written by the owner of this half when it goes to sleep. An odd value means: asleep, or about to be.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct ParkLine {
    /// The owner's consumer waits for a message.
    pub(crate) park_rx: AtomicU32,
    /// The owner's producer waits for space.
    pub(crate) park_tx: AtomicU32,
}

/// All control words of a half.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Lines {
    pub(crate) producer: ProducerLine,
    pub(crate) consumer: ConsumerLine,
    pub(crate) park: ParkLine,
}

#[cfg(not(all(test, mycelium_loom)))]
const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<WakeWord>() == 4);
    assert!(
        offset_of!(Lines, producer) == 0 && offset_of!(Lines, consumer) == 0x80 && offset_of!(Lines, park) == 0x100
    );
    assert!(offset_of!(ProducerLine, wake_data) == 0 && offset_of!(ProducerLine, committed) == 8);
    assert!(offset_of!(ProducerLine, bytes) == 16 && offset_of!(ProducerLine, lost) == 24);
    assert!(offset_of!(ConsumerLine, cursor) == 0 && offset_of!(ConsumerLine, wake_space) == 8);
    assert!(offset_of!(ParkLine, park_rx) == 0 && offset_of!(ParkLine, park_tx) == 4);
    assert!(size_of::<Lines>() == 0x180);
};
