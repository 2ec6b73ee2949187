//! Messages of this process on their way to a handler: one, or several that arrived together for a handler that takes `&[M]`.

use core::fmt;
use std::vec::Drain;

use super::{Handled, MessageRef};
use crate::{DecodeError, Message, reading};

/// The body of a message of this process, on its way from one service to another; or the bodies of several of one type, back to back.
///
/// Its sender had a message, which was valid, so it is read without being validated again. Only the runtime makes one, from a ring
/// that gets nothing but messages, so no other bytes can pass for one.
#[derive(Clone, Copy, Debug)]
pub struct Handed<'a> {
    body: &'a [u8],
    is_checked: bool,
}

impl<'a> Handed<'a> {
    /// For a body from a ring or a queue that only this process fills, and only with messages.
    #[inline]
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { body, is_checked: true }
    }

    /// For a body from a ring that got plain bytes as well: it is validated when it is read.
    #[cfg(feature = "tokio")]
    pub(crate) fn unchecked(body: &'a [u8]) -> Self {
        Self { body, is_checked: false }
    }

    /// The bytes.
    #[inline]
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.body
    }

    /// The message, in place.
    ///
    /// # Errors
    /// It is a message of another type, or not a valid one.
    #[inline]
    pub(crate) fn message<M: Message>(self) -> Result<&'a M, DecodeError> {
        let (length, expected) = (self.body.len(), size_of::<M>());
        if length != expected {
            return Err(DecodeError::Length { message: M::NAME, length, expected });
        }
        let message = reading::in_place::<M>(self.body).map_err(|_| DecodeError::Bits { message: M::NAME })?;
        if !self.is_checked {
            message.validate()?;
        }
        Ok(message)
    }

    /// The messages, in place; one, if the type has no bytes. `None` if one of them is of another type, or not valid.
    #[inline]
    pub(crate) fn messages<M: Message>(self) -> Option<&'a [M]> {
        let count = self.body.len().checked_div(size_of::<M>()).unwrap_or(1);
        let messages = reading::side_by_side::<M>(self.body, count)?;
        let are_valid = self.is_checked || messages.iter().all(|message| message.validate().is_ok());
        are_valid.then_some(messages)
    }

    /// Each body by itself, where several of the size of `M` lie back to back.
    pub(crate) fn one_by_one<M: Message>(self) -> impl Iterator<Item = Self> {
        self.body.chunks(size_of::<M>().max(1)).map(move |body| Self { body, ..self })
    }
}

impl<'a> From<Handed<'a>> for &'a [u8] {
    #[inline]
    fn from(handed: Handed<'a>) -> Self {
        handed.body
    }
}

/// The most messages that one call of a handler gets.
pub(crate) const MOST_GATHERED: usize = 64;

/// Consecutive messages of one type on their way to one handler.
pub struct Gathered<M> {
    messages: Vec<M>,
}

impl<M: Message> Gathered<M> {
    /// With room for the most messages, or without any where the handler takes them one by one.
    pub fn new(takes_batches: bool) -> Self {
        Self { messages: Vec::with_capacity(if takes_batches { MOST_GATHERED } else { 0 }) }
    }

    /// Adds a message; true if there is no room for another, so that these have to be [taken](Self::take) now.
    #[inline]
    pub fn add(&mut self, message: &M) -> bool {
        self.messages.push(*message);
        self.messages.len() >= MOST_GATHERED
    }

    /// Drops them. Returns their number.
    pub fn abandon(&mut self) -> u64 {
        let messages = self.messages.len() as u64;
        self.messages.clear();
        messages
    }

    /// The messages. They are gone when this is dropped, also by a panic of the handler, so that none is delivered twice.
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

/// The buffers of a router for messages that arrive together. They are allocated when the router is opened, or starts on a lane; a router
/// that is only called gathers nothing.
pub struct Kept<B>(Option<Box<B>>);

impl<B: Default> Kept<B> {
    /// With buffers, if any handler takes several messages at once.
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
    /// Empty: what has been gathered is delivered once.
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<B> fmt::Debug for Kept<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.0.is_some()).finish()
    }
}

/// A message of which several can be read in place, back to back: every generated one.
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

/// Whether both flags at any index are true.
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
