//! Reading values where their bytes lie: the one place outside of the ring and of shared memory with `unsafe` in it.
//!
//! A message is its bytes, so reading one is a check and a cast. The cast is sound where the bytes are a value of the type, and
//! [`Readable`] is the promise that a type can tell. Nobody writes that promise by hand: the macros in `macros` do, for every
//! type that a contract declares, and each proves what it says:
//!
//! - A struct is a value where each of its fields is one, at the place that the compiler gave it. Fields that any bytes are a value of
//!   need no look: their types, inferred from the fields, are [`AnyBits`]. Of the others `offset_of!` says the place, and the type is
//!   inferred from the field as well. A pattern without `..` shows that no field was left out.
//! - A closed enum is a value where its bytes equal those of a variant, which is made and compared. One of many variants is made
//!   from an integer that a table has. The integers in the table are variants, cast, and `message/variants` finds no other ones.
//! - A oneof is a value where its tag is that of a variant and the fields of that variant are values. Constants make each variant
//!   and compare its tag and the places of its fields with those that are read; the derive of `IntoBytes` shows that nothing else
//!   is in there.
//!
//! This says nothing of the rules of a contract: they are `validate`'s. So nothing in here that makes a value is public. What is
//! public, for generated code, only answers yes or no; `decode` is the way from bytes to a message, and it validates.
//!
//! What the macros name, they name by this crate: `::core` is whatever the crate that uses them calls so.
//!
//! zerocopy could do the same by `TryFromBytes`, with two differences: that trait is public with all its ways from bytes to a value,
//! none of which validates, and its derive costs rustc ten times as much. The tests hold this module against it.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::message::private::{Filler, Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8};
use crate::message::{DurationNs, FixedBytes, FixedStr, I128, TimestampNs, U128, U256};

mod macros;
#[cfg(test)]
mod tests;

pub use macros::{Field, any_bits, assert_count, assert_next, holds_field, is_variant, nowhere, tag};

/// A type that can tell whether bytes are a value of it. For generated code only.
///
/// # Safety
/// Where `holds` is true of `size_of::<Self>()` bytes, these are a value of `Self`. Where `ALWAYS` is true, any such bytes are.
pub unsafe trait Readable: Immutable + Copy + 'static {
    /// Whether all bytes are a value, so that nobody has to look.
    const ALWAYS: bool = false;

    /// Whether these bytes, of the size of the type, are a value.
    fn holds(bytes: &[u8]) -> bool;
}

/// A type of which any bytes are a value. For generated code only.
///
/// # Safety
/// Any `size_of::<Self>()` bytes are a value of `Self`, and [`Readable::ALWAYS`] says so.
#[diagnostic::on_unimplemented(
    message = "not all bytes are a value of `{Self}`",
    label = "some bytes are no value of this type"
)]
pub unsafe trait AnyBits: Readable {}

/// Why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// There are too few.
    Length,
    /// They lie between the boundaries of the type.
    Alignment,
    /// They are no value.
    Bits,
}

/// The value that the first bytes are, where they lie.
#[inline]
pub(crate) fn in_place<T: Readable>(bytes: &[u8]) -> Result<&T, Unreadable> {
    let body = bytes.get(..size_of::<T>()).ok_or(Unreadable::Length)?;
    let place = body.as_ptr().cast::<T>();
    if !place.is_aligned() {
        return Err(Unreadable::Alignment);
    }
    if !holds::<T>(body) {
        return Err(Unreadable::Bits);
    }
    // SAFETY: `place` is aligned, and points to as many bytes as the type has, which are borrowed for as long as the result. They
    // are a value, by the promise of `Readable`; nobody writes them through a shared reference, since the type is `Immutable`.
    Ok(unsafe { &*place })
}

/// A copy of the value that the first bytes are, wherever they lie.
#[inline]
pub(crate) fn copied<T: Readable>(bytes: &[u8]) -> Result<T, Unreadable> {
    let body = bytes.get(..size_of::<T>()).ok_or(Unreadable::Length)?;
    if !holds::<T>(body) {
        return Err(Unreadable::Bits);
    }
    // SAFETY: there are as many bytes as the type has, and they are a value, by the promise of `Readable`. The type is `Copy`.
    Ok(unsafe { body.as_ptr().cast::<T>().read_unaligned() })
}

/// The `count` values that these bytes are, where they lie.
#[inline]
pub(crate) fn side_by_side<T: Readable>(bytes: &[u8], count: usize) -> Option<&[T]> {
    let first = bytes.as_ptr().cast::<T>();
    let is_long = count.checked_mul(size_of::<T>()) == Some(bytes.len());
    if !is_long || !first.is_aligned() || !all_hold::<T>(bytes) {
        return None;
    }
    // SAFETY: `first` is aligned, and points to `count` times the bytes of the type, borrowed for as long as the result. Each of
    // them is a value, by the promise of `Readable`; nobody writes them through a shared reference, since the type is `Immutable`.
    Some(unsafe { core::slice::from_raw_parts(first, count) })
}

#[inline]
fn holds<T: Readable>(bytes: &[u8]) -> bool {
    T::ALWAYS || T::holds(bytes)
}

#[inline]
fn all_hold<T: Readable>(bytes: &[u8]) -> bool {
    // A type without bytes has one value.
    T::ALWAYS || size_of::<T>() == 0 || bytes.chunks_exact(size_of::<T>()).all(T::holds)
}

/// What `FromBytes` is derived for.
macro_rules! always {
    ($($type:ty),* $(,)?) => {$(
        // SAFETY: all bytes are a value, which zerocopy shows.
        unsafe impl Readable for $type {
            const ALWAYS: bool = {
                const fn is_from_bytes<T: FromBytes>() {}
                is_from_bytes::<$type>();
                true
            };

            #[inline]
            fn holds(_: &[u8]) -> bool {
                true
            }
        }

        // SAFETY: as above.
        unsafe impl AnyBits for $type {}
    )*};
}

always! { u8, u16, u32, u64, i8, i16, i32, i64, f32, f64, U128, I128, U256, TimestampNs, DurationNs }

// SAFETY: `false` is the byte 0, and `true` is the byte 1.
unsafe impl Readable for bool {
    #[inline]
    fn holds(bytes: &[u8]) -> bool {
        matches!(bytes, [0 | 1])
    }
}

// SAFETY: it is made of bytes alone. That its length is in bounds, and what is unused zero, no code relies on for its safety:
// `validate` checks it, and nothing makes such a value without it.
unsafe impl<const N: usize> Readable for FixedBytes<N> {
    const ALWAYS: bool = true;

    #[inline]
    fn holds(_: &[u8]) -> bool {
        true
    }
}

// SAFETY: as above.
unsafe impl<const N: usize> AnyBits for FixedBytes<N> {}

// SAFETY: as for the bytes that it is made of; that they are UTF-8 no code relies on for its safety.
unsafe impl<const N: usize> Readable for FixedStr<N> {
    const ALWAYS: bool = true;

    #[inline]
    fn holds(_: &[u8]) -> bool {
        true
    }
}

// SAFETY: as above.
unsafe impl<const N: usize> AnyBits for FixedStr<N> {}

// SAFETY: the elements of an array lie side by side, and there is nothing else.
unsafe impl<T: Readable, const N: usize> Readable for [T; N] {
    const ALWAYS: bool = T::ALWAYS;

    #[inline]
    fn holds(bytes: &[u8]) -> bool {
        all_hold::<T>(bytes)
    }
}

// SAFETY: as above.
unsafe impl<T: AnyBits, const N: usize> AnyBits for [T; N] {}

macro_rules! padding {
    ($($name:ident),*) => {$(
        // SAFETY: the bytes are those of its only value.
        unsafe impl Readable for $name {
            #[inline]
            fn holds(bytes: &[u8]) -> bool {
                bytes == <$name as Filler>::FILLER.as_bytes()
            }
        }
    )*};
}

padding! { Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8 }
