//! From a message to bytes and back: what is behind `as_bytes` and `decode`.

use zerocopy::{ConvertError, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::{DecodeError, Decoded, Message, UnknownVariant};

/// What [`Message::decode`] gives.
pub type DecodeResult<'a, M> = Result<Decoded<'a, M>, DecodeError>;

/// The bytes of a message.
#[inline]
pub fn bytes_of<M: IntoBytes + Immutable>(message: &M) -> &[u8] {
    message.as_bytes()
}

/// [`Message::decode`]. `SIZE` is the size of `M`, which generic code cannot use as a length.
///
/// # Errors
/// As [`Message::decode`].
#[inline]
pub fn decode<M, const SIZE: usize>(bytes: &[u8]) -> Result<Decoded<'_, M>, DecodeError>
where
    M: Message + TryFromBytes + IntoBytes + KnownLayout + Immutable,
{
    match M::try_ref_from_prefix(bytes) {
        Ok((message, _newer)) => {
            message.validate()?;
            Ok(Decoded::Borrowed(message))
        }
        Err(ConvertError::Validity(_)) => Err(DecodeError::Bits { message: M::NAME }),
        Err(ConvertError::Alignment(_) | ConvertError::Size(_)) => copy::<M, SIZE>(bytes).map(Decoded::Owned),
    }
}

/// Reads a body that is unaligned, older, or no body at all.
#[cold]
fn copy<M, const SIZE: usize>(bytes: &[u8]) -> Result<M, DecodeError>
where
    M: Message + TryFromBytes + IntoBytes + KnownLayout + Immutable,
{
    let message = if bytes.len() >= SIZE {
        M::try_read_from_prefix(bytes).map(|(message, _newer)| message)
    } else if is_older_layout::<M>(bytes.len()) {
        M::try_read_from_bytes(&widen::<M, SIZE>(bytes)).map_err(|error| error.map_src(|_| bytes))
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
fn widen<M: Message, const SIZE: usize>(older: &[u8]) -> [u8; SIZE] {
    let defaults = M::default();
    let mut bytes = [0; SIZE];
    let newer = Message::as_bytes(&defaults).iter().skip(older.len());
    for (byte, value) in bytes.iter_mut().zip(older.iter().chain(newer)) {
        *byte = *value;
    }
    bytes
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
