//! The receiving end of the frame codec: bytes in, checked frames out, bodies read where they lie.

use zerocopy::IntoBytes;

use super::announced::{Announced, MessageTable};
use super::frame::{FRAME_HEADER, FrameHeader, MAX_FRAME, frame_size};

/// A frame whose header and padding were checked. The body was not: it is as the peer sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The id of the message.
    pub type_id: u16,
    /// The version of the peer's schema.
    pub version: u16,
    /// The number of the message on its link.
    pub seq: u64,
    /// How many numbers are missing just before this one.
    pub gap: u64,
    /// The body, on an address that is a multiple of 8.
    pub body: &'a [u8],
}

/// How a frame lies. There is no way to find the next one after it, so its connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The message was not announced in the handshake.
    #[error("message id {type_id} was not announced")]
    Unlisted {
        /// The id.
        type_id: u16,
    },
    /// Another length than the announced layout has.
    #[error("message id {type_id} has {len} bytes, {expected} were announced")]
    Length {
        /// The id.
        type_id: u16,
        /// The length in the header.
        len: u32,
        /// The announced length.
        expected: u32,
    },
    /// Another version than announced.
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
    /// A number that the sender can't have come to by now.
    #[error("sequence number {seq} after {expected}, and nobody drops so many messages")]
    Jump {
        /// The number in the header.
        seq: u64,
        /// The number that was due.
        expected: u64,
    },
    /// A number that was there before.
    #[error("sequence number {seq} where {expected} or more was due")]
    Sequence {
        /// The number in the header.
        seq: u64,
        /// The smallest number allowed.
        expected: u64,
    },
}

/// Takes the bytes of one connection and yields its frames.
///
/// Memory is taken once. Frames begin at multiples of 8 in a buffer that is aligned to 8, so a body can be read in place.
/// Each length is checked against what the peer announced before its body is awaited.
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
    /// The first number that is not believed.
    limit: u64,
}

impl Decoder {
    /// A decoder for the messages in `announced`, with a buffer of at least `capacity` bytes and never less than the
    /// largest frame. `expected` is the smallest number that the first frame may have.
    pub fn new(announced: impl IntoIterator<Item = Announced>, expected: u64, capacity: usize) -> Self {
        let words = vec![0; capacity.max(MAX_FRAME).div_ceil(8)].into();
        Self { words, start: 0, end: 0, messages: MessageTable::new(announced), expected, limit: u64::MAX }
    }

    /// Believes numbers below `limit` only, until another limit is set. A frame beyond it is a [`FrameError::Jump`], after which the
    /// decoder may be used on with a higher limit: the frame is still there.
    pub fn limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Where the next bytes of the connection go; empty only while a whole frame waits to be taken.
    pub fn space(&mut self) -> &mut [u8] {
        let capacity = self.words.len() * 8;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start > 0 && capacity - self.end < capacity / 4 {
            // `start` is a multiple of 8, so all that moves stays aligned.
            self.words.as_mut_bytes().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.words.as_mut_bytes().get_mut(self.end..).unwrap_or_default()
    }

    /// Takes note of `count` bytes that were put into the [`space`](Self::space).
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.words.len() * 8);
    }

    /// The next frame, `None` if it is not there completely. After an error the decoder must not be used on, unless
    /// it is a [`FrameError::Jump`].
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a frame borrows the decoder, which no iterator can say")]
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

    /// Whether bytes are left that are no whole frame, or that were not asked for.
    pub fn has_bytes(&self) -> bool {
        self.start < self.end
    }
}

/// Checks all that a header says.
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
    // No limit is beyond the last number of all, which has none after it.
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
