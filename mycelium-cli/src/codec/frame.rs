//! Frames: `len u32 | type_id u16 | version u16 | seq u64`, little-endian, then the body, padded with zeros to 8 bytes.

use super::types::is_zero;

/// The bytes before each body.
pub(crate) const HEADER: usize = 16;
/// The largest body.
pub(crate) const MAX_BODY: usize = 65_528;

/// One frame among the bytes of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) id: u16,
    pub(crate) version: u16,
    pub(crate) seq: u64,
    pub(crate) body: &'a [u8],
}

impl Frame<'_> {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let length = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(self.id.to_le_bytes());
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.seq.to_le_bytes());
        bytes.extend(self.body);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }
}

/// The frames in some bytes, each with its offset. An error is the last item, since the start of the next frame is unknown without a
/// valid length.
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    fn frame(&mut self, rest: &'a [u8]) -> Result<Frame<'a>, String> {
        let Some(([a, b, c, d, e, f, g, h, seq @ ..], rest)) = rest.split_first_chunk::<HEADER>() else {
            return Err(format!("{} bytes are left, and a header has {HEADER}", rest.len()));
        };
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        if length > MAX_BODY {
            return Err(format!("the header announces a body of {length} bytes, and at most {MAX_BODY} are allowed"));
        }
        let padded = length.next_multiple_of(8);
        let (body, padding) = rest.get(..padded).unwrap_or(rest).split_at_checked(length).ok_or_else(|| {
            format!("the header announces a body of {length} bytes, and {} bytes are left", rest.len())
        })?;
        if body.len() + padding.len() < padded {
            return Err("the padding of the last body is missing".to_owned());
        }
        if !is_zero(padding) {
            return Err("the padding of the body is not zero".to_owned());
        }
        self.offset += HEADER + padded;
        let id = u16::from_le_bytes([*e, *f]);
        Ok(Frame { id, version: u16::from_le_bytes([*g, *h]), seq: u64::from_le_bytes(*seq), body })
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = (usize, Result<Frame<'a>, String>);

    fn next(&mut self) -> Option<Self::Item> {
        let (offset, rest) = (self.offset, self.bytes.get(self.offset..).unwrap_or_default());
        if rest.is_empty() {
            return None;
        }
        let frame = self.frame(rest);
        if frame.is_err() {
            self.offset = self.bytes.len();
        }
        Some((offset, frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_written() {
        let frames = [
            Frame { id: 7, version: 1, seq: 0, body: &[1, 2, 3] },
            Frame { id: 8, version: 2, seq: u64::MAX, body: &[] },
            Frame { id: 9, version: 2, seq: 5, body: &[9; 16] },
        ];
        let bytes = frames.map(Frame::to_bytes).concat();
        let read: Vec<_> = Frames::new(&bytes).collect();
        assert_eq!(read, [(0, Ok(frames[0])), (24, Ok(frames[1])), (40, Ok(frames[2]))]);
    }

    #[test]
    fn after_a_broken_frame_nothing_is_read() {
        let good = Frame { id: 7, version: 1, seq: 0, body: &[1, 2, 3] }.to_bytes();
        for (broken, why) in [
            (&good[..15], "15 bytes are left, and a header has 16"),
            (&good[..18], "the header announces a body of 3 bytes, and 2 bytes are left"),
            (&good[..19], "the padding of the last body is missing"),
            (&[0xff; 40][..], "the header announces a body of 4294967295 bytes, and at most 65528 are allowed"),
            (&[&good[..23], &[1]].concat(), "the padding of the body is not zero"),
        ] {
            let bytes = [&good, broken].concat();
            let read: Vec<_> =
                Frames::new(&bytes).map(|(offset, frame)| (offset, frame.map(|frame| frame.id))).collect();
            assert_eq!(read, [(0, Ok(7)), (24, Err(why.to_owned()))]);
        }
    }
}
