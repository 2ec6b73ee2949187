//! What lies where: the shape of a ring, the control words of its halves, and the head of a slot.
//!
//! Two processes must agree on all of this, so sizes, offsets and alignments are our own, and constants check them.

use super::wait::WakeWord;
use crate::sync::{AtomicU32, AtomicU64};

/// Bytes of a slot before the body: commit word, length, message id, lost count.
pub(crate) const SLOT_HEADER: usize = 16;
/// Bytes of an unused line behind each slot. Processors also fetch the line behind the requested one; without the gap that would be the
/// next slot's, which the other core is about to use.
const SLOT_GAP: usize = 64;
/// The longest body of a message, in bytes.
pub const MAX_BODY: usize = 65_528;
/// The maximum number of slots of a ring.
pub const MAX_SLOTS: usize = 1 << 20;
/// The maximum size of all slots of one ring together, in bytes.
pub const MAX_RING_BYTES: usize = 1 << 30;

/// The shape of a ring: fixed when the ring is made, known to both ends, never read from shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    capacity: u32,
    slots: u32,
    stride: u32,
}

/// The requested ring is outside of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// The ring would hold no message, or more than [`MAX_SLOTS`].
    #[error("a ring holds 1 to {MAX_SLOTS} messages, not {0}")]
    Capacity(usize),
    /// A body would be longer than [`MAX_BODY`].
    #[error("a body has at most {MAX_BODY} bytes, not {0}")]
    Body(usize),
    /// The slots together would take more than [`MAX_RING_BYTES`].
    #[error("the slots of a ring take at most {MAX_RING_BYTES} bytes together, not {0}")]
    Bytes(usize),
}

impl Geometry {
    /// A ring that holds `capacity` messages of at most `max_body` bytes each.
    ///
    /// ```
    /// use mycelium_rt::ring::Geometry;
    ///
    /// let geometry = Geometry::new(1000, 48)?;
    /// assert_eq!(geometry.capacity(), 1000);
    /// assert_eq!(geometry.slots(), 1024); // a power of two
    /// assert_eq!(geometry.stride(), 128); // header and body in one cache line, and one that keeps slots apart
    /// # Ok::<(), mycelium_rt::ring::GeometryError>(())
    /// ```
    ///
    /// # Errors
    /// [`GeometryError`] if a limit of this module is exceeded.
    pub const fn new(capacity: usize, max_body: usize) -> Result<Self, GeometryError> {
        if capacity == 0 || capacity > MAX_SLOTS {
            return Err(GeometryError::Capacity(capacity));
        }
        if max_body > MAX_BODY {
            return Err(GeometryError::Body(max_body));
        }
        let slots = capacity.next_power_of_two();
        let stride = (SLOT_HEADER + max_body).next_multiple_of(64) + SLOT_GAP;
        if slots * stride > MAX_RING_BYTES {
            return Err(GeometryError::Bytes(slots * stride));
        }
        // Lossless: the limits above are far below 2^32.
        Ok(Self { capacity: capacity as u32, slots: slots as u32, stride: stride as u32 })
    }

    /// The ring that a peer claims to have made; `None` if no such ring is possible.
    pub(crate) fn of_peer(slots: u32, stride: u32) -> Option<Self> {
        let geometry =
            Self::new(slots as usize, (stride as usize).checked_sub(SLOT_HEADER + SLOT_GAP)?.min(MAX_BODY)).ok()?;
        (geometry.slots == slots && geometry.stride == stride).then_some(geometry)
    }

    /// A ring of the same capacity for bodies of at most `max_body` bytes; never a larger ring.
    pub(crate) fn narrowed(self, max_body: usize) -> Self {
        match Self::new(self.capacity(), max_body) {
            Ok(narrow) if narrow.stride < self.stride => narrow,
            _ => self,
        }
    }

    /// The number of messages that the ring holds.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// The number of slots in memory: the capacity, rounded up to a power of two.
    #[must_use]
    pub const fn slots(&self) -> usize {
        self.slots as usize
    }

    /// Bytes from one slot to the next: a multiple of 64.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride as usize
    }

    /// The longest body that a slot takes, in bytes.
    #[must_use]
    pub const fn max_body(&self) -> usize {
        self.stride() - SLOT_GAP - SLOT_HEADER
    }

    /// The index of the slot of a message.
    ///
    /// Slots are not used in order: a processor that sees accesses at a constant distance prefetches slots that are not written yet, and
    /// takes their lines away from the core that is about to write them. Here the distance grows with each step, so there is no pattern
    /// to learn.
    ///
    /// Each lap uses each slot once: for `a` and `b` below `n`, a power of two, `a (a + 1) / 2` and `b (b + 1) / 2` differ by a multiple of `n`
    /// only if `(a - b) (a + b + 1)` is a multiple of `2 n`; one of these factors is odd and both are smaller, so `a` is `b`.
    #[inline(always)]
    pub(crate) const fn place(sequence: u64, mask: u64) -> usize {
        let step = sequence & mask;
        // At most 2^20 each, so nothing overflows.
        ((step * (step + 1) / 2) & mask) as usize
    }

    /// The size of all slots together, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.slots() * self.stride()
    }
}

/// Control words written by the producer of the ring in this half.
///
/// Each of the three lines of a half is written by one side only. A line has 128 bytes since processors of this class fetch cache lines in
/// pairs. The alignment is not taken from a crate, whose value would vary by target.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct ProducerLine {
    /// Changes whenever the producer wakes the consumer.
    pub(crate) wake_data: WakeWord,
    /// Messages committed, as of the last flush.
    pub(crate) committed: AtomicU64,
    /// Bytes of bodies committed, as of the last flush.
    pub(crate) bytes: AtomicU64,
    /// Messages dropped before they were committed, as of the last flush, including those after the last message.
    pub(crate) lost: AtomicU64,
}

/// Written by the owner of this half as the consumer of the other half's ring.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct ConsumerLine {
    /// The next sequence number that the consumer needs; all slots before it may be reused.
    pub(crate) cursor: AtomicU64,
    /// Changes whenever the consumer wakes the producer.
    pub(crate) wake_space: WakeWord,
}

/// Written by the owner of this half when it goes to sleep. An odd value means asleep, or about to be.
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

/// The second word of a slot: `len u32 | type_id u16 | lost u16`, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes of the body.
    pub(crate) len: u32,
    /// The message's id.
    pub(crate) type_id: u16,
    /// Messages dropped just before this one, at most 65,535.
    pub(crate) lost: u16,
}

impl Head {
    #[inline(always)]
    pub(crate) const fn to_bits(self) -> u64 {
        self.len as u64 | (self.type_id as u64) << 32 | (self.lost as u64) << 48
    }

    #[inline(always)]
    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self { len: bits as u32, type_id: (bits >> 32) as u16, lost: (bits >> 48) as u16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stride_is_header_and_body_in_whole_cache_lines_plus_a_gap() {
        for (max_body, stride) in [(0, 128), (8, 128), (48, 128), (49, 192), (112, 192), (MAX_BODY, 65_664)] {
            assert_eq!(Geometry::new(4, max_body).map(|g| g.stride()), Ok(stride), "{max_body}");
        }
    }

    #[test]
    fn each_lap_uses_each_slot_once() {
        for slots in (0..=12).map(|power| 1_u64 << power).chain([MAX_SLOTS as u64]) {
            for lap in [0, 1, 7, u64::MAX / slots] {
                let first = lap * slots;
                let mut places: Vec<_> =
                    (0..slots).map(|step| Geometry::place(first.wrapping_add(step), slots - 1)).collect();
                places.sort_unstable();
                assert!(places.into_iter().eq(0..slots as usize), "{slots} slots, lap {lap}");
            }
        }
    }

    #[test]
    fn shapes_beyond_the_limits_are_errors() {
        assert_eq!(Geometry::new(0, 8), Err(GeometryError::Capacity(0)));
        assert_eq!(Geometry::new(MAX_SLOTS + 1, 8), Err(GeometryError::Capacity(MAX_SLOTS + 1)));
        assert_eq!(Geometry::new(4, MAX_BODY + 1), Err(GeometryError::Body(MAX_BODY + 1)));
        assert!(matches!(Geometry::new(MAX_SLOTS, MAX_BODY), Err(GeometryError::Bytes(_))));
    }

    #[test]
    fn head_is_one_little_endian_word() {
        let head = Head { len: 0x0102_0304, type_id: 0x0506, lost: 0x0708 };
        assert_eq!(head.to_bits().to_le_bytes(), [4, 3, 2, 1, 6, 5, 8, 7]);
        assert_eq!(Head::from_bits(head.to_bits()), head);
    }
}
