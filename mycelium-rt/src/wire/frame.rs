//! The frame codec: 16 bytes of header, then the body padded with zeros to a multiple of 8. [`SendBuffer`](super::SendBuffer) is the sending
//! end; the receiving end, [`Decoder`], takes bytes and returns checked frames, whose bodies are read in place.

use zerocopy::IntoBytes;

use super::announced::{Announced, MessageTable};

/// The bytes before each body.
pub const FRAME_HEADER: usize = 16;

/// The largest frame in bytes: [`MAX_BODY`](super::MAX_BODY) and its header.
pub const MAX_FRAME: usize = FRAME_HEADER + super::MAX_BODY;

/// The header of a body: `len u32 | type_id u16 | version u16 | seq u64`, little-endian.
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
    /// The sequence number of the message on its link, from 0. Messages that the sender dropped have numbers, too.
    pub seq: u64,
}

impl FrameHeader {
    /// The header as it is sent.
    pub fn to_bytes(self) -> [u8; FRAME_HEADER] {
        let mut bytes = [0; FRAME_HEADER];
        bytes[0..4].copy_from_slice(&self.len.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.type_id.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.version.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.seq.to_le_bytes());
        bytes
    }

    /// The header in these bytes. Any bytes are a header; the reader must check its fields.
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

/// A frame with a checked header and padding. The body is not checked: it is as the peer sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The id of the message.
    pub type_id: u16,
    /// The version of the peer's schema.
    pub version: u16,
    /// The sequence number of the message on its link.
    pub seq: u64,
    /// The number of sequence numbers missing just before this one.
    pub gap: u64,
    /// The body, aligned to 8 bytes.
    pub body: &'a [u8],
}

/// Why a frame is invalid. There is no way to find the next frame after it, so its connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The message was not announced in the handshake.
    #[error("message id {type_id} was not announced")]
    Unlisted {
        /// The id.
        type_id: u16,
    },
    /// The length differs from that of the announced layout.
    #[error("message id {type_id} has {len} bytes, {expected} were announced")]
    Length {
        /// The id.
        type_id: u16,
        /// The length in the header.
        len: u32,
        /// The announced length.
        expected: u32,
    },
    /// The version differs from the announced one.
    #[error("message id {type_id} has version {version}, {expected} was announced")]
    Version {
        /// The id.
        type_id: u16,
        /// The version in the header.
        version: u16,
        /// The announced version.
        expected: u16,
    },
    /// Padding that is not zero.
    #[error("the padding after message id {type_id} is not zero")]
    Padding {
        /// The id.
        type_id: u16,
    },
    /// A sequence number that the sender can't have reached yet.
    #[error("sequence number {seq} where {expected} was due: no sender drops that many messages")]
    Jump {
        /// The sequence number in the header.
        seq: u64,
        /// The sequence number that was due.
        expected: u64,
    },
    /// A sequence number that was used before.
    #[error("sequence number {seq} where {expected} or more was due")]
    Sequence {
        /// The sequence number in the header.
        seq: u64,
        /// The smallest valid sequence number.
        expected: u64,
    },
}

/// Takes the bytes of one connection and returns its frames.
///
/// It allocates once. Frames begin at multiples of 8 in a buffer that is aligned to 8, so a body can be read in place. Each length is compared
/// with the announced one before the body is awaited.
///
/// ```
/// use mycelium_rt::wire::{Announced, Decoder, SendBuffer};
///
/// let mut out = SendBuffer::new(1024, 12);
/// out.push(7, 1, 0, b"hello, world");
/// out.push(7, 1, 2, b"with a gap..");
///
/// let mut decoder = Decoder::new([Announced { type_id: 7, version: 1, size: 12 }], 0, 0);
/// let bytes = out.unwritten();
/// decoder.space()[..bytes.len()].copy_from_slice(bytes);
/// decoder.filled(bytes.len());
/// assert_eq!(decoder.next().unwrap().unwrap().body, b"hello, world");
/// assert_eq!(decoder.next().unwrap().unwrap().gap, 1);
/// assert_eq!(decoder.next(), Ok(None));
/// ```
#[derive(Debug)]
pub struct Decoder {
    words: Box<[u64]>,
    start: usize,
    end: usize,
    messages: MessageTable,
    expected: u64,
    /// The first sequence number that is too high.
    limit: u64,
}

impl Decoder {
    /// A decoder for the messages in `announced`, with a buffer of at least `capacity` bytes and never less than the largest frame.
    /// `expected` is the smallest valid sequence number of the first frame.
    pub fn new(announced: impl IntoIterator<Item = Announced>, expected: u64, capacity: usize) -> Self {
        let words = vec![0; capacity.max(MAX_FRAME).div_ceil(8)].into();
        Self { words, start: 0, end: 0, messages: MessageTable::new(announced), expected, limit: u64::MAX }
    }

    /// Accepts only sequence numbers below `limit`, until another limit is set. A frame beyond it is a [`FrameError::Jump`], after which the
    /// decoder can still be used with a higher limit: the frame is still there.
    pub fn limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// The space for the next bytes of the connection. Empty only while a complete frame waits in the buffer.
    pub fn space(&mut self) -> &mut [u8] {
        let capacity = self.words.len() * 8;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start > 0 && capacity - self.end < capacity / 4 {
            // `start` is a multiple of 8, so everything stays aligned.
            self.words.as_mut_bytes().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.words.as_mut_bytes().get_mut(self.end..).unwrap_or_default()
    }

    /// Records that `count` bytes were written to the [`space`](Self::space).
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.words.len() * 8);
    }

    /// The next frame, or `None` if it is not complete. After an error the decoder must not be used any longer, unless it is a
    /// [`FrameError::Jump`].
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a frame borrows the decoder, which an iterator cannot express")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        let bytes = self.words.as_bytes().get(self.start..self.end).unwrap_or_default();
        let Some(header) = bytes.first_chunk().map(FrameHeader::from_bytes) else { return Ok(None) };
        check(&header, self.messages.find(header.type_id), self.expected, self.limit)?;
        let len = header.len as usize;
        let size = frame_size(len);
        let Some((body, padding)) = bytes.get(FRAME_HEADER..size).and_then(|rest| rest.split_at_checked(len)) else {
            return Ok(None);
        };
        if padding.iter().any(|&byte| byte != 0) {
            return Err(FrameError::Padding { type_id: header.type_id });
        }
        let gap = header.seq - self.expected;
        self.expected = header.seq + 1;
        self.start += size;
        Ok(Some(Frame { type_id: header.type_id, version: header.version, seq: header.seq, gap, body }))
    }

    /// The smallest sequence number that the next frame may have.
    pub fn expected(&self) -> u64 {
        self.expected
    }

    /// Whether there are bytes of an incomplete frame, or of frames that were not taken yet.
    pub fn has_bytes(&self) -> bool {
        self.start < self.end
    }
}

/// Checks all fields of a header.
#[inline]
fn check(header: &FrameHeader, announced: Option<Announced>, expected: u64, limit: u64) -> Result<(), FrameError> {
    let FrameHeader { len, type_id, version, seq } = *header;
    let announced = announced.ok_or(FrameError::Unlisted { type_id })?;
    if len != announced.size {
        return Err(FrameError::Length { type_id, len, expected: announced.size });
    }
    if version != announced.version {
        return Err(FrameError::Version { type_id, version, expected: announced.version });
    }
    // `u64::MAX` is always refused, since no number follows it: no limit is beyond it.
    if seq < expected || seq >= limit {
        return Err(misnumbered(seq, expected));
    }
    Ok(())
}

#[cold]
fn misnumbered(seq: u64, expected: u64) -> FrameError {
    match seq < expected || seq == u64::MAX {
        true => FrameError::Sequence { seq, expected },
        false => FrameError::Jump { seq, expected },
    }
}
