use crate::reading;
use crate::{DecodeError, Message};

/// The body of a message of this process, on its way from one of its services to another; of several of one type, their bodies side by
/// side.
///
/// Whoever sent it had a message, which was valid, so it is read without being validated again. Only the runtime makes one, from a ring
/// that it knows to be given nothing but messages: no other bytes can pass for one.
#[derive(Clone, Copy, Debug)]
pub struct Handed<'a> {
    body: &'a [u8],
    is_checked: bool,
}

impl<'a> Handed<'a> {
    /// The caller has the body from a ring or a queue that only this process fills, and only with messages.
    #[inline]
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { body, is_checked: true }
    }

    /// The same of a ring that was given mere bytes as well: they are validated.
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

    /// The message, where it lies.
    ///
    /// # Errors
    /// It is one of another type, or was none.
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

    /// The messages, where they lie; one, if the type has no bytes. `None` if one of them is of another type, or was no message.
    #[inline]
    pub(crate) fn messages<M: Message>(self) -> Option<&'a [M]> {
        let count = self.body.len().checked_div(size_of::<M>()).unwrap_or(1);
        let messages = reading::side_by_side::<M>(self.body, count)?;
        let are_valid = self.is_checked || messages.iter().all(|message| message.validate().is_ok());
        are_valid.then_some(messages)
    }

    /// Each body by itself, of several that have the size of `M`.
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
