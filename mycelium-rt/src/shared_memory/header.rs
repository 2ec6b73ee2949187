//! The first page of a half: what it is, for the peer's check and for people who look at a core dump.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::ring::Geometry;

const MAGIC: [u8; 8] = *b"myc-half";
/// The layout of halves and slots that this library uses.
pub(crate) const LAYOUT: u32 = 2;
/// Reads the same only on a machine of the same byte order.
const ENDIAN: u32 = 0x0102_0304;

/// Written by the owner before it seals the half; read once by the peer, compared, and never used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct HalfHeader {
    magic: [u8; 8],
    layout: u32,
    endian: u32,
    slots: u32,
    stride: u32,
    /// Reserved for payloads outside of slots.
    arena: u64,
    link: u64,
    digest: u64,
    reserved: [u64; 2],
}

/// Words of a header.
pub(crate) const HEADER_WORDS: usize = size_of::<HalfHeader>() / 8;
const _: () = assert!(size_of::<HalfHeader>() == 64);

impl HalfHeader {
    /// `digest` is that of the owner's messages, for people.
    pub(crate) fn new(ring: Option<Geometry>, link: u64, digest: u64) -> Self {
        let (slots, stride) = ring.map_or((0, 0), |ring| (ring.slots() as u32, ring.stride() as u32));
        Self { magic: MAGIC, layout: LAYOUT, endian: ENDIAN, slots, stride, arena: 0, link, digest, reserved: [0; 2] }
    }

    /// Whether this is what was agreed on.
    pub(crate) fn is_of(&self, ring: Option<Geometry>, link: u64) -> bool {
        *self == Self::new(ring, link, self.digest)
    }
}
