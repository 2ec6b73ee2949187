//! The messages that a peer may send, as its handshake announced them.

use super::handshake::Hello;

/// A message that a peer may send, as its handshake announced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The id of the message.
    pub type_id: u16,
    /// The version of the peer's schema.
    pub version: u16,
    /// The size of a body in bytes.
    pub size: u32,
}

impl Announced {
    /// The messages that the end of `hello` writes, in the order of their ids.
    pub fn of(hello: &Hello) -> impl Iterator<Item = Self> + '_ {
        hello.messages.iter().map(|entry| Self {
            type_id: entry.id,
            version: entry.version,
            size: entry.current().size,
        })
    }
}

/// The messages of one end, by their ids.
#[derive(Debug)]
pub(crate) struct MessageTable {
    announced: Box<[Announced]>,
    /// The index of the last message: the next one usually has the same id.
    last: usize,
}

impl MessageTable {
    pub(crate) fn new(announced: impl IntoIterator<Item = Announced>) -> Self {
        let mut announced: Box<[Announced]> = announced.into_iter().collect();
        announced.sort_by_key(|it| it.type_id);
        Self { announced, last: 0 }
    }

    #[inline]
    pub(crate) fn find(&mut self, type_id: u16) -> Option<Announced> {
        match self.announced.get(self.last) {
            Some(it) if it.type_id == type_id => Some(*it),
            _ => self.search(type_id),
        }
    }

    /// The ids, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u16> + '_ {
        self.announced.iter().map(|it| it.type_id)
    }

    /// The index of the message with this id.
    pub(crate) fn place(&mut self, type_id: u16) -> Option<usize> {
        self.find(type_id).map(|_| self.last)
    }

    fn search(&mut self, type_id: u16) -> Option<Announced> {
        self.last = self.announced.binary_search_by_key(&type_id, |it| it.type_id).ok()?;
        self.announced.get(self.last).copied()
    }
}
