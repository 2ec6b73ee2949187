use zerocopy::IntoBytes;

use crate::ring::Frame;

/// Copies of the messages at hand, side by side: their slots are the ring's again while a handler waits.
pub(crate) struct BatchBuffer {
    words: Vec<u64>,
    /// The id of each message, and the length of its body.
    messages: Vec<(u16, usize)>,
    room: usize,
    /// Where the next copy goes, in words.
    end: usize,
    /// Messages that were taken in hand, those at hand included.
    taken: usize,
    at_hand: Group,
}

/// Messages of one type, side by side.
#[derive(Clone, Copy, Default)]
struct Group {
    id: u16,
    /// Where they begin, in words.
    start: usize,
    /// Their length in all, in bytes.
    len: usize,
    count: usize,
}

impl BatchBuffer {
    /// Room for `room` bodies of up to `max_body` bytes.
    pub(crate) fn new(max_body: usize, room: usize) -> Self {
        // No slot is longer than the ring's largest body, rounded up to words.
        let words = vec![0; max_body.div_ceil(8).saturating_mul(room)];
        Self { words, messages: Vec::with_capacity(room), room, end: 0, taken: 0, at_hand: Group::default() }
    }

    /// How many messages there is room for.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Forgets all messages.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        (self.end, self.taken, self.at_hand) = (0, 0, Group::default());
    }

    pub(crate) fn copy(&mut self, frame: &Frame<'_>) {
        let (start, len) = (self.end * 8, frame.body.len());
        if let Some(room) = self.words.as_mut_bytes().get_mut(start..start + len) {
            room.copy_from_slice(frame.body);
        }
        self.messages.push((frame.type_id, len));
        self.end += len.div_ceil(8);
    }

    /// Takes the next message in hand, or all that follow with the same id, if that is gathered; false if there is none.
    pub(crate) fn advance(&mut self, is_gathered: impl Fn(u16) -> bool) -> bool {
        let rest = self.messages.get(self.taken..).unwrap_or_default();
        let Some(&(id, len)) = rest.first() else {
            self.at_hand = Group::default();
            return false;
        };
        // How many messages without a body there are, no bytes could tell.
        let count = match len > 0 && len.is_multiple_of(8) && is_gathered(id) {
            true => rest.iter().take_while(|message| **message == (id, len)).count(),
            false => 1,
        };
        let start = self.at_hand.start + self.at_hand.len.div_ceil(8);
        self.taken += count;
        self.at_hand = Group { id, start, len: count * len, count };
        true
    }

    /// The id of the messages at hand, their bodies, which begin on an 8-byte boundary, and how many they are.
    pub(crate) fn at_hand(&self) -> (u16, &[u8], usize) {
        let Group { id, start, len, count } = self.at_hand;
        (id, self.words.as_bytes().get(start * 8..start * 8 + len).unwrap_or_default(), count)
    }

    /// Messages that were not taken in hand yet.
    pub(crate) fn left(&self) -> usize {
        self.messages.len() - self.taken
    }
}
