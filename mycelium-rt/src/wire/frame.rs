//! The frame: 16 bytes of header, then the body padded with zeros to a multiple of 8.

/// The bytes before each body.
pub const FRAME_HEADER: usize = 16;

/// The largest frame in bytes: [`MAX_BODY`](super::MAX_BODY) and its header.
pub const MAX_FRAME: usize = FRAME_HEADER + super::MAX_BODY;

/// What stands before a body: `len u32 | type_id u16 | version u16 | seq u64`, little-endian.
///
/// ```
/// use mycelium_rt::wire::FrameHeader;
///
/// let header = FrameHeader { len: 24, type_id: 1001, version: 2, seq: 7 };
/// assert_eq!(FrameHeader::from_bytes(&header.to_bytes()), header);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// The length of the body in bytes, without its padding.
    pub len: u32,
    /// The id of the message.
    pub type_id: u16,
    /// The version of the sender's schema.
    pub version: u16,
    /// The number of the message on its link, beginning with 0. Messages that the sender dropped have numbers too.
    pub seq: u64,
}

impl FrameHeader {
    /// The header as it goes over the wire.
    pub fn to_bytes(self) -> [u8; FRAME_HEADER] {
        let mut bytes = [0; FRAME_HEADER];
        bytes[0..4].copy_from_slice(&self.len.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.type_id.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.version.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.seq.to_le_bytes());
        bytes
    }

    /// The header in these bytes. Any bytes are a header; what it says is for the reader to check.
    pub fn from_bytes(bytes: &[u8; FRAME_HEADER]) -> Self {
        let [a, b, c, d, e, f, g, h, seq @ ..] = *bytes;
        Self {
            len: u32::from_le_bytes([a, b, c, d]),
            type_id: u16::from_le_bytes([e, f]),
            version: u16::from_le_bytes([g, h]),
            seq: u64::from_le_bytes(seq),
        }
    }
}

/// The size of the frame around a body of `len` bytes.
pub const fn frame_size(len: usize) -> usize {
    FRAME_HEADER + len.next_multiple_of(8)
}
