//! From a message to bytes and back: what is behind `as_bytes` and `decode`.

use zerocopy::{Immutable, IntoBytes};

use super::{DecodeError, Decoded, Message, UnknownVariant};
use crate::reading::{self, Unreadable};

/// What [`Message::decode`] gives.
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

/// [`Message::decode`] of a message that has grown. `SIZE` is the size of `M`, which generic code cannot use as a length; `newer` puts
/// the defaults of all fields that joined after the first version into their places.
///
/// # Errors
/// As [`Message::decode`].
#[inline]
pub fn decode_grown<M: Message, const SIZE: usize>(bytes: &[u8], newer: fn(&mut [u8; SIZE])) -> DecodeResult<'_, M> {
    match in_place(bytes)? {
        Some(message) => Ok(Decoded::Borrowed(message)),
        None if is_older_layout::<M>(bytes.len()) => copy(&widen(bytes, newer)).map(Decoded::Owned),
        None => copy(bytes).map(Decoded::Owned),
    }
}

/// The message where its bytes lie; `None` where they are too few, or lie between boundaries.
#[inline]
fn in_place<M: Message>(bytes: &[u8]) -> Result<Option<&M>, DecodeError> {
    match reading::in_place::<M>(bytes) {
        Ok(message) => message.validate().map(|()| Some(message)).map_err(DecodeError::from),
        Err(Unreadable::Bits) => Err(DecodeError::Bits { message: M::NAME }),
        Err(Unreadable::Alignment | Unreadable::Length) => Ok(None),
    }
}

/// Reads a body that is unaligned, or no body at all.
#[cold]
fn copy<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
    let message = reading::copied::<M>(bytes).map_err(|unreadable| match unreadable {
        Unreadable::Length => DecodeError::Length { message: M::NAME, length: bytes.len(), expected: size_of::<M>() },
        Unreadable::Alignment | Unreadable::Bits => DecodeError::Bits { message: M::NAME },
    })?;
    message.validate()?;
    Ok(message)
}

/// True where a smaller layout of this size was in force at [`Message::MIN_COMPATIBLE`] or later.
fn is_older_layout<M: Message>(size: usize) -> bool {
    let in_force = M::LAYOUTS.iter().rposition(|(version, ..)| *version <= M::MIN_COMPATIBLE).unwrap_or(0);
    size < size_of::<M>() && M::LAYOUTS.iter().skip(in_force).any(|(_, known, _)| *known == size)
}

/// An older body, followed by the defaults of the fields that it lacks. A layout only ever grows at its end.
fn widen<const SIZE: usize>(older: &[u8], newer: fn(&mut [u8; SIZE])) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    newer(&mut bytes);
    for (byte, value) in bytes.iter_mut().zip(older) {
        *byte = *value;
    }
    bytes
}

/// Puts the bytes of a value into their place in a body.
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

/// What `AnyMessage::decode` gives for an id of no message.
///
/// # Errors
/// Always.
#[cold]
pub fn unknown_message<A>(id: u16) -> Result<A, DecodeError> {
    Err(DecodeError::UnknownMessage { id })
}

/// What `TryFrom` of a closed enum gives for an integer of no variant.
///
/// # Errors
/// Always.
#[cold]
pub fn unknown_variant<T>(name: &'static str, value: impl Into<i128>) -> Result<T, UnknownVariant> {
    Err(UnknownVariant { name, value: value.into() })
}

/// Fails to compile where rustc lays a type out differently from the generator: for each a text that says so, then its size, alignment
/// and offsets, pairs of what rustc says and what the generator says.
///
/// # Panics
/// If they differ, which is in a constant.
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
