//! The frames that a sender holds: encoded once, and written to the kernel in one piece.

use super::frame::{FrameHeader, frame_size};

/// A bounded queue of encoded frames, whose unwritten bytes are always contiguous.
///
/// It allocates twice the capacity, once. Frames are appended, and moved to the front only after at least `capacity` bytes were pushed since
/// the last move, so that moving costs at most one copied byte per byte sent. If the writer keeps up, the queue is empty after each write,
/// and nothing moves.
#[derive(Debug)]
pub struct SendBuffer {
    bytes: Box<[u8]>,
    /// The start of the first frame that is not written completely.
    start: usize,
    /// The number of written bytes of that frame.
    written: usize,
    /// The end of the last frame.
    end: usize,
    frames: usize,
    /// The sequence number after that of the last pushed frame.
    pushed: u64,
    /// The sequence number after that of the last frame written completely.
    sent: u64,
}

impl SendBuffer {
    /// A queue that holds `capacity` bytes of frames, at least one frame of `largest` body bytes.
    pub fn new(capacity: usize, largest: usize) -> Self {
        let capacity = capacity.max(frame_size(largest)).next_multiple_of(8);
        Self { bytes: vec![0; 2 * capacity].into(), start: 0, written: 0, end: 0, frames: 0, pushed: 0, sent: 0 }
    }

    /// Whether there is room for a body of `len` bytes.
    #[inline]
    pub fn fits(&self, len: usize) -> bool {
        self.end - self.start + frame_size(len) <= self.bytes.len() / 2
    }

    /// Appends a frame if there is room. Returns whether there was.
    #[inline]
    pub fn push(&mut self, type_id: u16, version: u16, seq: u64, body: &[u8]) -> bool {
        if !self.fits(body.len()) {
            return false;
        }
        let size = frame_size(body.len());
        if self.end + size > self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let Some(frame) = self.bytes.get_mut(self.end..self.end + size) else { return false };
        let Some((head, rest)) = frame.split_first_chunk_mut() else { return false };
        // `fits` bounds the length by half of the buffer's, which is far below 4 GiB.
        *head = FrameHeader { len: body.len() as u32, type_id, version, seq }.to_bytes();
        let (start, padding) = rest.split_at_mut(body.len());
        start.copy_from_slice(body);
        // Most bodies are multiples of 8, and an empty `fill` costs as much as the header.
        if !padding.is_empty() {
            padding.fill(0);
        }
        self.end += size;
        self.frames += 1;
        self.pushed = seq.saturating_add(1);
        true
    }

    /// The bytes to write next.
    #[inline]
    pub fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.start + self.written..self.end).unwrap_or_default()
    }

    /// Records `count` written bytes. Returns the number of frames that this completed.
    #[inline]
    pub fn advance(&mut self, count: usize) -> usize {
        self.written += count.min(self.unwritten().len());
        if self.start + self.written == self.end {
            let completed = self.frames;
            if completed > 0 {
                self.sent = self.pushed;
            }
            (self.start, self.written, self.end, self.frames) = (0, 0, 0, 0);
            return completed;
        }
        let mut completed = 0;
        while let Some((size, seq)) = self.frame_at(self.start)
            && self.written >= size
        {
            self.start += size;
            self.written -= size;
            self.sent = seq.saturating_add(1);
            completed += 1;
        }
        self.frames -= completed;
        completed
    }

    /// Drops the oldest frame of which nothing is written yet. Returns its sequence number, or `None` if there is no such frame.
    pub fn drop_oldest(&mut self) -> Option<u64> {
        self.drop_oldest_behind(0)
    }

    /// As [`drop_oldest`](Self::drop_oldest), where the next `claimed` bytes count as written, although [`advance`](Self::advance) was not
    /// called for them.
    pub fn drop_oldest_behind(&mut self, claimed: usize) -> Option<u64> {
        // Frames that the peer reads at least partly must be completed: they move over the dropped one.
        let begun = self.start + self.written + claimed;
        let mut oldest = self.start;
        while oldest < begun {
            let (size, _) = self.frame_at(oldest)?;
            oldest += size;
        }
        let (size, seq) = self.frame_at(oldest)?;
        self.bytes.copy_within(self.start..oldest, self.start + size);
        self.start += size;
        self.frames -= 1;
        Some(seq)
    }

    /// Removes the frames for which `keep` returns false; its arguments are the message id and the sequence number. Later frames move up, and
    /// so do their sequence numbers. Nothing of the first frame may be written.
    pub fn retain(&mut self, mut keep: impl FnMut(u16, u64) -> bool) {
        let (mut from, mut to, mut gone) = (self.start, self.start, 0);
        while let Some((header, size)) = self.header_at(from) {
            if keep(header.type_id, header.seq) {
                self.bytes.copy_within(from..from + size, to);
                let seq = header.seq.saturating_sub(gone);
                if let Some(head) = self.bytes.get_mut(to..).and_then(|frame| frame.first_chunk_mut()) {
                    *head = FrameHeader { seq, ..header }.to_bytes();
                }
                to += size;
            } else {
                gone += 1;
                self.frames -= 1;
            }
            from += size;
        }
        self.end = to;
        self.pushed = self.pushed.saturating_sub(gone);
    }

    /// Removes the frames that the peer has received: those with sequence numbers below `next`. They count as written completely. Returns
    /// their number.
    ///
    /// A writer does not always know whether the last bytes arrived before a connection broke. The peer does.
    pub fn skip_received(&mut self, next: u64) -> usize {
        let mut skipped = 0;
        while let Some((size, seq)) = self.frame_at(self.start)
            && seq < next
        {
            self.start += size;
            self.written = 0;
            self.sent = seq.saturating_add(1);
            skipped += 1;
        }
        self.frames -= skipped;
        skipped
    }

    /// Marks the first frame as unwritten: its connection is closed, and no peer has all of it.
    pub fn rewind(&mut self) {
        self.written = 0;
    }

    /// The number of frames that are not written completely.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Whether there is nothing to write.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// The sequence number after that of the last frame written completely; 0 before the first.
    pub fn next_unsent(&self) -> u64 {
        self.sent
    }

    fn frame_at(&self, at: usize) -> Option<(usize, u64)> {
        let (header, size) = self.header_at(at)?;
        Some((size, header.seq))
    }

    fn header_at(&self, at: usize) -> Option<(FrameHeader, usize)> {
        let bytes = self.bytes.get(at..self.end)?.first_chunk()?;
        let header = FrameHeader::from_bytes(bytes);
        Some((header, frame_size(header.len as usize)))
    }
}
