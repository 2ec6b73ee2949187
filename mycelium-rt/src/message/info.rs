//! A message as data.

use super::Message;

/// What is known of a message without its type: one entry of a contract's `MESSAGES`.
///
/// ```
/// use mycelium_rt::MessageInfo;
///
/// fn largest(messages: &[MessageInfo]) -> usize {
///     messages.iter().map(MessageInfo::size).max().unwrap_or(0)
/// }
/// # assert_eq!(largest(&[]), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageInfo {
    /// [`Message::ID`].
    pub id: u16,
    /// [`Message::NAME`].
    pub name: &'static str,
    /// [`Message::TOPIC`].
    pub topic: &'static str,
    /// [`Message::VERSION`].
    pub version: u16,
    /// [`Message::MIN_COMPATIBLE`].
    pub min_compatible: u16,
    /// [`Message::LAYOUTS`].
    pub layouts: &'static [(u16, usize, u64)],
}

impl MessageInfo {
    /// The entry of one message.
    pub const fn of<M: Message>() -> Self {
        Self {
            id: M::ID,
            name: M::NAME,
            topic: M::TOPIC,
            version: M::VERSION,
            min_compatible: M::MIN_COMPATIBLE,
            layouts: M::LAYOUTS,
        }
    }

    /// Bytes of a body in the last layout.
    pub const fn size(&self) -> usize {
        match self.layouts.last() {
            Some((_, size, _)) => *size,
            None => 0,
        }
    }
}
