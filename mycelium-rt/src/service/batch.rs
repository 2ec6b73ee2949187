//! Copies of messages, back to back, for handlers that take several at once.

use zerocopy::IntoBytes;

use crate::ring::Frame;

/// Copies of the messages that are being delivered, back to back: the ring reuses their slots while a handler waits.
pub(crate) struct BatchBuffer {
    words: Vec<u64>,
    /// The id of each message, and the length of its body.
    messages: Vec<(u16, usize)>,
    room: usize,
    /// Where the next copy goes, in words.
    end: usize,
    /// The number of messages that [`advance`](Self::advance) has reached.
    taken: usize,
    current: Group,
}

/// Messages of one type, back to back.
#[derive(Clone, Copy, Default)]
struct Group {
    id: u16,
    /// Where they begin, in words.
    start: usize,
    /// Their total length, in bytes.
    len: usize,
    count: usize,
}

impl BatchBuffer {
    /// Room for `room` bodies of up to `max_body` bytes.
    pub(crate) fn new(max_body: usize, room: usize) -> Self {
        // No slot is longer than the ring's largest body, rounded up to words.
        let words = vec![0; max_body.div_ceil(8).saturating_mul(room)];
        Self { words, messages: Vec::with_capacity(room), room, end: 0, taken: 0, current: Group::default() }
    }

    /// The number of messages that it holds.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Forgets all messages.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        (self.end, self.taken, self.current) = (0, 0, Group::default());
    }

    pub(crate) fn copy(&mut self, frame: &Frame<'_>) {
        let (start, len) = (self.end * 8, frame.body.len());
        if let Some(room) = self.words.as_mut_bytes().get_mut(start..start + len) {
            room.copy_from_slice(frame.body);
        }
        self.messages.push((frame.type_id, len));
        self.end += len.div_ceil(8);
    }

    /// Moves on to the next message, or, if its id is gathered, to all that follow with the same id; false if there is none.
    pub(crate) fn advance(&mut self, is_gathered: impl Fn(u16) -> bool) -> bool {
        let rest = self.messages.get(self.taken..).unwrap_or_default();
        let Some(&(id, len)) = rest.first() else {
            self.current = Group::default();
            return false;
        };
        // Messages without a body are not gathered: their bytes could not tell their number.
        let count = match len > 0 && len.is_multiple_of(8) && is_gathered(id) {
            true => rest.iter().take_while(|message| **message == (id, len)).count(),
            false => 1,
        };
        let start = self.current.start + self.current.len.div_ceil(8);
        self.taken += count;
        self.current = Group { id, start, len: count * len, count };
        true
    }

    /// The id of the current messages, their bodies, which begin on an 8-byte boundary, and their number.
    pub(crate) fn current(&self) -> (u16, &[u8], usize) {
        let Group { id, start, len, count } = self.current;
        (id, self.words.as_bytes().get(start * 8..start * 8 + len).unwrap_or_default(), count)
    }

    /// The number of messages after the current ones.
    pub(crate) fn left(&self) -> usize {
        self.messages.len() - self.taken
    }
}
