//! The description of a peer's messages in a handshake.

use super::MAX_BODY;
use crate::MessageInfo;

/// One layout of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The schema version that introduced it.
    pub version: u16,
    /// The size of a body in bytes, at most [`MAX_BODY`].
    pub size: u32,
    /// The hash of the layout's fields.
    pub hash: u64,
}

/// A message in a handshake: its id, its name, and every layout that can still be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEntry {
    /// The id on the wire.
    pub id: u16,
    /// The version of the schema.
    pub version: u16,
    /// The name in the contract.
    pub name: String,
    /// The layouts in use since the oldest compatible version, oldest first; never empty. If the first one is older than that version, it
    /// bears that version: peers of versions below it are refused.
    pub layouts: Vec<Layout>,
}

/// Why a handshake cannot contain a table of messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two messages have the same id.
    #[error("messages `{first}` and `{second}` have the same id {id}")]
    SameId {
        /// The id.
        id: u16,
        /// The name of one message.
        first: String,
        /// The name of the other one.
        second: String,
    },
    /// A message has no layout, or its layouts are not in order.
    #[error("the layouts of message `{name}` are not in order")]
    Layouts {
        /// The name of the message.
        name: String,
    },
    /// A body is larger than [`MAX_BODY`].
    #[error("message `{name}` is too large: {size} bytes, at most {MAX_BODY} are allowed")]
    TooLarge {
        /// The name of the message.
        name: String,
        /// The size of its body.
        size: usize,
    },
}

impl MessageEntry {
    /// The entry of `info`, with the layouts that were in use at its oldest compatible version or later.
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

    /// Whether there are layouts, each of a later version than the one before.
    pub(super) fn is_ordered(&self) -> bool {
        !self.layouts.is_empty() && self.layouts.is_sorted_by(|a, b| a.version < b.version)
    }

    /// The layout that this end writes.
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
