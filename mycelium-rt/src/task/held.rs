use zerocopy::IntoBytes;

use crate::ring::Frame;

/// A copy of the message at hand: its slot is the ring's again while the handler waits.
pub(super) struct Held {
    words: Vec<u64>,
    len: usize,
    id: u16,
}

impl Held {
    /// Room for bodies of up to `max_body` bytes.
    pub(super) fn new(max_body: usize) -> Self {
        // No slot is longer than the ring's largest body, rounded up to words.
        Self { words: vec![0; max_body.div_ceil(8)], len: 0, id: 0 }
    }

    pub(super) fn copy(&mut self, frame: &Frame<'_>) {
        self.id = frame.type_id;
        self.len = frame.body.len();
        if let Some(room) = self.words.as_mut_bytes().get_mut(..frame.body.len()) {
            room.copy_from_slice(frame.body);
        }
    }

    pub(super) fn id(&self) -> u16 {
        self.id
    }

    /// The body, on an 8-byte boundary.
    pub(super) fn body(&self) -> &[u8] {
        self.words.as_bytes().get(..self.len).unwrap_or_default()
    }
}
