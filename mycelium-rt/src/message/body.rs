//! From a message to bytes and back: the implementation of `as_bytes` and `decode`.

use core::ops::Deref;

use zerocopy::{Immutable, IntoBytes};

use super::{DecodeError, Message, UnknownVariant};
use crate::reading::{self, Unreadable};

/// A message read from bytes: borrowed if they could be read in place, owned if they had to be extended or copied. Derefs to the message,
/// so most code need not know which.
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

/// Compares the messages, whether borrowed or owned.
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

/// The result of [`Message::decode`].
pub type DecodeResult<'a, M> = Result<Decoded<'a, M>, DecodeError>;

/// The bytes of a message.
#[inline]
pub fn bytes_of<M: IntoBytes + Immutable>(message: &M) -> &[u8] {
    message.as_bytes()
}

/// [`Message::decode`] of a message that has had one layout.
///
/// # Errors
/// As [`Message::decode`].
#[inline]
pub(crate) fn decode<M: Message>(bytes: &[u8]) -> DecodeResult<'_, M> {
    match in_place(bytes)? {
        Some(message) => Ok(Decoded::Borrowed(message)),
        None => copy(bytes).map(Decoded::Owned),
    }
}

/// [`Message::decode`] of a message that has grown. `SIZE` is the size of `M`, which generic code cannot use as a length; `newer` writes
/// the defaults of all fields that were added after the first version.
///
/// # Errors
/// As [`Message::decode`].
#[inline]
pub fn decode_grown<M: Message, const SIZE: usize>(bytes: &[u8], newer: fn(&mut [u8; SIZE])) -> DecodeResult<'_, M> {
    match in_place(bytes)? {
        Some(message) => Ok(Decoded::Borrowed(message)),
        None if is_older_layout::<M>(bytes.len()) => copy(&extend(bytes, newer)).map(Decoded::Owned),
        None => copy(bytes).map(Decoded::Owned),
    }
}

/// The message where its bytes lie; `None` if there are too few bytes, or they are unaligned.
#[inline]
fn in_place<M: Message>(bytes: &[u8]) -> Result<Option<&M>, DecodeError> {
    match reading::in_place::<M>(bytes) {
        Ok(message) => message.validate().map(|()| Some(message)).map_err(DecodeError::from),
        Err(Unreadable::Bits) => Err(DecodeError::Bits { message: M::NAME }),
        Err(Unreadable::Alignment | Unreadable::Length) => Ok(None),
    }
}

/// Reads a body that is unaligned or of the wrong length.
#[cold]
fn copy<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
    let message = reading::copied::<M>(bytes).map_err(|unreadable| match unreadable {
        Unreadable::Length => DecodeError::Length { message: M::NAME, length: bytes.len(), expected: size_of::<M>() },
        Unreadable::Alignment | Unreadable::Bits => DecodeError::Bits { message: M::NAME },
    })?;
    message.validate()?;
    Ok(message)
}

/// Whether a smaller layout of this size was in use at [`Message::MIN_COMPATIBLE`] or later.
fn is_older_layout<M: Message>(size: usize) -> bool {
    let oldest = M::LAYOUTS.iter().rposition(|(version, ..)| *version <= M::MIN_COMPATIBLE).unwrap_or(0);
    size < size_of::<M>() && M::LAYOUTS.iter().skip(oldest).any(|(_, known, _)| *known == size)
}

/// An older body, followed by the defaults of the fields that it lacks. A layout only ever grows at its end.
fn extend<const SIZE: usize>(older: &[u8], newer: fn(&mut [u8; SIZE])) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    newer(&mut bytes);
    for (byte, value) in bytes.iter_mut().zip(older) {
        *byte = *value;
    }
    bytes
}

/// Writes the bytes of a value into a body.
pub fn place<T: IntoBytes + Immutable>(body: &mut [u8], offset: usize, value: &T) {
    let bytes = value.as_bytes();
    if let Some(place) = body.get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len())) {
        place.copy_from_slice(bytes);
    }
}

/// Reads a body into the variant of a contract's `AnyMessage`.
///
/// # Errors
/// As [`Message::decode`].
#[inline]
pub fn any<'a, M: Message, A>(bytes: &'a [u8], variant: impl FnOnce(Decoded<'a, M>) -> A) -> Result<A, DecodeError> {
    M::decode(bytes).map(variant)
}

/// The result of `AnyMessage::decode` for an unknown id.
///
/// # Errors
/// Always.
#[cold]
pub fn unknown_message<A>(id: u16) -> Result<A, DecodeError> {
    Err(DecodeError::UnknownMessage { id })
}

/// The result of `TryFrom` of a closed enum for an integer without a variant.
///
/// # Errors
/// Always.
#[cold]
pub fn unknown_variant<T>(name: &'static str, value: impl Into<i128>) -> Result<T, UnknownVariant> {
    Err(UnknownVariant { name, value: value.into() })
}

/// Fails to compile if rustc lays a type out differently from the generator. Each type has an error text, and its size, alignment and
/// offsets as pairs: by rustc and by the generator.
///
/// # Panics
/// If they differ; in a constant.
pub const fn assert_layouts(types: &[(&str, &[(usize, usize)])]) {
    let mut at = 0;
    while at < types.len() {
        let (message, facts) = types[at];
        let mut index = 0;
        while index < facts.len() {
            let (actual, expected) = facts[index];
            if actual != expected {
                panic!("{}", message);
            }
            index += 1;
        }
        at += 1;
    }
}
