//! A decoded message.

use core::ops::Deref;

/// A message read from bytes: borrowed where they could be read in place, owned where they had to be widened or
/// copied. Derefs to the message, so most code need not ask which.
///
/// ```
/// use mycelium_rt::{DecodeError, Decoded, Message};
///
/// fn read<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
///     let message: Decoded<'_, M> = M::decode(bytes)?;
///     Ok(*message)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Decoded<'a, M> {
    /// Read in place.
    Borrowed(&'a M),
    /// Copied, from an older or unaligned body.
    Owned(M),
}

impl<M> Deref for Decoded<'_, M> {
    type Target = M;

    #[inline]
    fn deref(&self) -> &M {
        match self {
            Self::Borrowed(message) => message,
            Self::Owned(message) => message,
        }
    }
}

/// Compares the messages, not where they lie.
impl<M: PartialEq> PartialEq for Decoded<'_, M> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<M: PartialEq> PartialEq<M> for Decoded<'_, M> {
    fn eq(&self, other: &M) -> bool {
        **self == *other
    }
}
