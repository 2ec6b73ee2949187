//! Reading and writing little-endian integers and texts, never past the end.

/// The bytes of a peer that were not read yet.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A length, then that number of bytes of UTF-8 without control characters, since names of peers end up in logs.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let len = self.u16()?;
        let text = core::str::from_utf8(self.take(usize::from(len))?).ok()?;
        (!text.contains(char::is_control)).then_some(text)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }
}

/// Appends `text` as [`Reader::text`] reads it, with control characters replaced, and truncated to `limit` bytes.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str, limit: u16) {
    let clean: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let mut end = clean.len().min(usize::from(limit));
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    let kept = clean.get(..end).unwrap_or_default();
    out.extend_from_slice(&u16::try_from(kept.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(kept.as_bytes());
}
