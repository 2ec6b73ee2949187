//! What a slot says about its body.

/// The second word of a slot: `len u32 | type_id u16 | lost u16`, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes of the body.
    pub(crate) len: u32,
    /// The message's id.
    pub(crate) type_id: u16,
    /// Messages dropped before this one, as far as the number goes.
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

/// One message as it lies in a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame<'a> {
    /// Its number on this ring, from 0, without gaps.
    pub sequence: u64,
    /// The message's id.
    pub type_id: u16,
    /// Messages that the sender dropped just before this one. Of more than 65,535 the next messages tell the rest, so that the sum
    /// is exact.
    pub lost: u16,
    /// The body, aligned to 8.
    pub body: &'a [u8],
}

impl<'a> Frame<'a> {
    #[inline(always)]
    pub(crate) fn new(sequence: u64, head: Head, body: &'a [u8]) -> Self {
        Self { sequence, type_id: head.type_id, lost: head.lost, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_one_little_endian_word() {
        let head = Head { len: 0x0102_0304, type_id: 0x0506, lost: 0x0708 };
        assert_eq!(head.to_bits().to_le_bytes(), [4, 3, 2, 1, 6, 5, 8, 7]);
        assert_eq!(Head::from_bits(head.to_bits()), head);
    }
}
