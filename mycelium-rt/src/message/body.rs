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

/// [`Message::decode`]. `SIZE` is the size of `M`, which generic code cannot use as a length; `newer` puts the defaults of all fields
/// that joined after the first version into their places.
///
/// # Errors
/// As [`Message::decode`].
#[inline]
pub fn decode<M: Message, const SIZE: usize>(
    bytes: &[u8],
    newer: fn(&mut [u8; SIZE]),
) -> Result<Decoded<'_, M>, DecodeError> {
    match reading::in_place::<M>(bytes) {
        Ok(message) => {
            message.validate()?;
            Ok(Decoded::Borrowed(message))
        }
        Err(Unreadable::Bits) => Err(DecodeError::Bits { message: M::NAME }),
        Err(Unreadable::Alignment | Unreadable::Length) => copy::<M, SIZE>(bytes, newer).map(Decoded::Owned),
    }
}

/// Reads a body that is unaligned, older, or no body at all.
#[cold]
fn copy<M: Message, const SIZE: usize>(bytes: &[u8], newer: fn(&mut [u8; SIZE])) -> Result<M, DecodeError> {
    let message = if bytes.len() >= SIZE {
        reading::copied::<M>(bytes)
    } else if is_older_layout::<M>(bytes.len()) {
        reading::copied::<M>(&widen(bytes, newer))
    } else {
        return Err(DecodeError::Length { message: M::NAME, length: bytes.len(), expected: SIZE });
    };
    let message = message.map_err(|_| DecodeError::Bits { message: M::NAME })?;
    message.validate()?;
    Ok(message)
}

/// True where a layout of this size was in force at [`Message::MIN_COMPATIBLE`] or later.
fn is_older_layout<M: Message>(size: usize) -> bool {
    let in_force = M::LAYOUTS.iter().rposition(|(version, ..)| *version <= M::MIN_COMPATIBLE).unwrap_or(0);
    M::LAYOUTS.iter().skip(in_force).any(|(_, known, _)| *known == size)
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

/// Fails to compile where rustc lays a type out differently from the generator: pairs of actual and expected.
pub const fn assert_layout(message: &str, facts: &[(usize, usize)]) {
    let mut index = 0;
    while index < facts.len() {
        if facts[index].0 != facts[index].1 {
            panic!("{}", message);
        }
        index += 1;
    }
}
