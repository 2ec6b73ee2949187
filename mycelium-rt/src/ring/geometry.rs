//! How many slots a ring has and how large each is.

/// Bytes of a slot before the body: commit word, length, message id, lost count.
pub(crate) const SLOT_HEADER: usize = 16;
/// Bytes of a line that nobody uses behind each slot. Processors fetch the line behind the one that is asked for; that would be the
/// next slot's, which the other core is about to use.
const SLOT_GAP: usize = 64;
/// The longest body that a message can have, in bytes.
pub const MAX_BODY: usize = 65_528;
/// The most slots that a ring can have.
pub const MAX_SLOTS: usize = 1 << 20;
/// The most bytes that the slots of one ring may take together.
pub const MAX_RING_BYTES: usize = 1 << 30;

/// The shape of a ring: fixed when it is made, known to both ends, never read from shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    capacity: u32,
    slots: u32,
    stride: u32,
}

/// A ring that cannot be built as asked.
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
    /// When one of the limits of this module is passed.
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

    /// The ring that a peer says it has made; `None` if there cannot be such a ring.
    pub(crate) fn of_peer(slots: u32, stride: u32) -> Option<Self> {
        let geometry =
            Self::new(slots as usize, (stride as usize).checked_sub(SLOT_HEADER + SLOT_GAP)?.min(MAX_BODY)).ok()?;
        (geometry.slots == slots && geometry.stride == stride).then_some(geometry)
    }

    /// The ring for as many messages, none of whose bodies is longer than `max_body`; never a larger one.
    pub(crate) fn narrowed(self, max_body: usize) -> Self {
        match Self::new(self.capacity(), max_body) {
            Ok(narrow) if narrow.stride < self.stride => narrow,
            _ => self,
        }
    }

    /// Messages that fit in before the ring is full.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Slots in memory: the capacity, rounded up to a power of two.
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

    /// Where the slot of a message lies, counted in slots.
    ///
    /// Not in order: a processor that sees slots come at a constant distance fetches further ones before they are written, and takes their
    /// lines away from the core that is to write them. The distance grows with each step here, so there is none to learn.
    ///
    /// Each lap uses each slot once: for `a` and `b` below `n`, a power of two, `a (a + 1) / 2` and `b (b + 1) / 2` differ by a multiple of `n`
    /// only if `(a - b) (a + b + 1)` is one of `2 n`; one of these factors is odd and both are smaller, so `a` is `b`.
    #[inline(always)]
    pub(crate) const fn place(sequence: u64, mask: u64) -> usize {
        let step = sequence & mask;
        // At most 2^20 each, so nothing overflows.
        ((step * (step + 1) / 2) & mask) as usize
    }

    /// Bytes that all slots take together.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.slots() * self.stride()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stride_is_the_header_and_the_largest_body_in_whole_cache_lines_and_one_more() {
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
    fn limits_are_errors() {
        assert_eq!(Geometry::new(0, 8), Err(GeometryError::Capacity(0)));
        assert_eq!(Geometry::new(MAX_SLOTS + 1, 8), Err(GeometryError::Capacity(MAX_SLOTS + 1)));
        assert_eq!(Geometry::new(4, MAX_BODY + 1), Err(GeometryError::Body(MAX_BODY + 1)));
        assert!(matches!(Geometry::new(MAX_SLOTS, MAX_BODY), Err(GeometryError::Bytes(_))));
    }
}
