//! What has arrived together, for handlers that take `&[M]`.

use core::fmt;
use std::vec::Drain;

use super::{Handled, MessageRef};
use crate::Message;

/// The most messages that one call of a handler gets.
pub(crate) const MOST_GATHERED: usize = 64;

/// Consecutive messages of one type on their way to one handler.
pub struct Gathered<M> {
    messages: Vec<M>,
}

impl<M: Message> Gathered<M> {
    /// With room for the most messages, or with none where the handler takes them one by one.
    pub fn new(takes_batches: bool) -> Self {
        Self { messages: Vec::with_capacity(if takes_batches { MOST_GATHERED } else { 0 }) }
    }

    /// Adds a message; true if there is no room for another, so that these have to be [taken](Self::take) now.
    #[inline]
    pub fn add(&mut self, message: &M) -> bool {
        self.messages.push(*message);
        self.messages.len() >= MOST_GATHERED
    }

    /// Throws them away. Returns how many there were.
    pub fn abandon(&mut self) -> u64 {
        let messages = self.messages.len() as u64;
        self.messages.clear();
        messages
    }

    /// The messages, which are gone when this is dropped: also if the handler panics, so that none is delivered twice.
    #[inline]
    pub fn take(&mut self) -> Drain<'_, M> {
        self.messages.drain(..)
    }
}

impl<M> fmt::Debug for Gathered<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("len", &self.messages.len()).finish_non_exhaustive()
    }
}

/// The buffers of a router for what has arrived together. They are made when the router is opened, or starts on a lane; one that is only
/// called gathers nothing.
pub struct Kept<B>(Option<Box<B>>);

impl<B: Default> Kept<B> {
    /// With the buffers, where any handler takes several messages at once.
    pub fn ready(takes_batches: bool) -> Self {
        Self(takes_batches.then(Box::default))
    }

    /// The buffers.
    #[inline]
    pub fn get(&mut self) -> &mut B {
        self.0.get_or_insert_with(Box::default)
    }
}

impl<B> Default for Kept<B> {
    fn default() -> Self {
        Self(None)
    }
}

impl<B> Clone for Kept<B> {
    /// What has been gathered is delivered once: the clone has nothing.
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<B> fmt::Debug for Kept<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.0.is_some()).finish()
    }
}

/// A message of which several can be read where they lie side by side: every generated one.
pub trait SideBySide: Message {}

impl<M: Message> SideBySide for M {}

/// Whether a service takes `message` as `&[M]`.
pub const fn takes_batches(handled: &[Handled], message: MessageRef) -> bool {
    let mut index = 0;
    while index < handled.len() {
        if handled[index].message.id == message.id {
            return handled[index].batch;
        }
        index += 1;
    }
    false
}

/// Whether both are true anywhere.
pub const fn any_of(flags: &[bool], others: &[bool]) -> bool {
    let mut index = 0;
    while index < flags.len() && index < others.len() {
        if flags[index] && others[index] {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether any of them is true.
pub const fn any(flags: &[bool]) -> bool {
    let mut index = 0;
    while index < flags.len() {
        if flags[index] {
            return true;
        }
        index += 1;
    }
    false
}
