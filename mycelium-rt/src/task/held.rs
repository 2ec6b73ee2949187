use zerocopy::IntoBytes;

use crate::ring::Frame;

/// Copies of the messages at hand, side by side: their slots are the ring's again while a handler waits.
pub(super) struct Held {
    words: Vec<u64>,
    /// The id of each message, and the length of its body.
    messages: Vec<(u16, usize)>,
    most: usize,
    /// Where the next copy goes, in words.
    end: usize,
    /// The next message to hand over, and where it begins, in words.
    next: (usize, usize),
}

impl Held {
    /// Room for `most` bodies of up to `max_body` bytes.
    pub(super) fn new(max_body: usize, most: usize) -> Self {
        // No slot is longer than the ring's largest body, rounded up to words.
        let words = vec![0; max_body.div_ceil(8).saturating_mul(most)];
        Self { words, messages: Vec::with_capacity(most), most, end: 0, next: (0, 0) }
    }

    /// How many messages there is room for.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Forgets all messages.
    pub(super) fn clear(&mut self) {
        self.messages.clear();
        (self.end, self.next) = (0, (0, 0));
    }

    pub(super) fn copy(&mut self, frame: &Frame<'_>) {
        let (start, len) = (self.end * 8, frame.body.len());
        if let Some(room) = self.words.as_mut_bytes().get_mut(start..start + len) {
            room.copy_from_slice(frame.body);
        }
        self.messages.push((frame.type_id, len));
        self.end += len.div_ceil(8);
    }

    /// The id and the body of the next message, or the bodies of all that follow with the same id, if that is gathered; and how many
    /// they are. They begin on an 8-byte boundary.
    pub(super) fn next(&mut self, is_gathered: impl Fn(u16) -> bool) -> Option<(u16, &[u8], usize)> {
        let (first, start) = self.next;
        let rest = self.messages.get(first..)?;
        let (id, len) = *rest.first()?;
        let count = match len.is_multiple_of(8) && is_gathered(id) {
            true => rest.iter().take_while(|message| **message == (id, len)).count(),
            false => 1,
        };
        self.next = (first + count, start + count * len.div_ceil(8));
        let bodies = self.words.as_bytes().get(start * 8..start * 8 + count * len);
        Some((id, bodies.unwrap_or_default(), count))
    }
}
