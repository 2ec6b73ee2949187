//! What two peers must know of each other's messages.

use super::MAX_BODY;
use crate::MessageInfo;

/// One layout of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The schema version that brought it.
    pub version: u16,
    /// The size of a body in bytes, at most [`MAX_BODY`].
    pub size: u32,
    /// The hash of the layout's fields.
    pub hash: u64,
}

/// A message as a handshake tells it: its id, its name, and every layout that is still read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEntry {
    /// The id on the wire.
    pub id: u16,
    /// The version of the schema.
    pub version: u16,
    /// The name in the contract.
    pub name: String,
    /// The layouts in force since the oldest compatible version, oldest first; never empty. The first has that version
    /// where it is older: peers of versions below it are refused.
    pub layouts: Vec<Layout>,
}

/// Why a table of messages cannot be told in a handshake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two messages have one id.
    #[error("messages `{first}` and `{second}` have the same id {id}")]
    SameId {
        /// The id.
        id: u16,
        /// One of the two.
        first: String,
        /// The other.
        second: String,
    },
    /// A message without a layout, or with layouts that are not in order.
    #[error("the layouts of message `{name}` are not in order")]
    Layouts {
        /// The name of the message.
        name: String,
    },
    /// A body beyond [`MAX_BODY`].
    #[error("message `{name}` is too large: {size} bytes, at most {MAX_BODY} are allowed")]
    TooLarge {
        /// The name of the message.
        name: String,
        /// The size of its body.
        size: usize,
    },
}

impl MessageEntry {
    /// The entry of `info`, with the layouts that were in force at its oldest compatible version or came later.
    pub fn new(info: &MessageInfo) -> Result<Self, TableError> {
        let oldest = info.layouts.iter().rposition(|(version, ..)| *version <= info.min_compatible).unwrap_or(0);
        let mut layouts = Vec::with_capacity(info.layouts.len());
        for &(version, size, hash) in info.layouts.iter().skip(oldest) {
            let fits = u32::try_from(size).ok().filter(|_| size <= MAX_BODY);
            let size = fits.ok_or_else(|| TableError::TooLarge { name: info.name.into(), size })?;
            layouts.push(Layout { version: version.max(info.min_compatible), size, hash });
        }
        let entry = Self { id: info.id, version: info.version, name: info.name.into(), layouts };
        if entry.is_ordered() { Ok(entry) } else { Err(TableError::Layouts { name: info.name.into() }) }
    }

    /// Whether there are layouts, each brought by a later version than the one before.
    pub(super) fn is_ordered(&self) -> bool {
        !self.layouts.is_empty() && self.layouts.is_sorted_by(|a, b| a.version < b.version)
    }

    /// The layout that this side writes.
    pub fn current(&self) -> Layout {
        self.layouts.last().copied().unwrap_or(Layout { version: 0, size: 0, hash: 0 })
    }
}

/// The entries of `infos` in the order of their ids.
pub(super) fn table(infos: &[MessageInfo]) -> Result<Vec<MessageEntry>, TableError> {
    let mut entries = infos.iter().map(MessageEntry::new).collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| entry.id);
    match entries.windows(2).find(|pair| pair[0].id == pair[1].id) {
        None => Ok(entries),
        Some(pair) => {
            Err(TableError::SameId { id: pair[0].id, first: pair[0].name.clone(), second: pair[1].name.clone() })
        }
    }
}
