//! Reading values in place, without a copy. Generated code contains no `unsafe`: what it needs is here.
//!
//! A message is its bytes, so reading one is a check and a cast. The cast is sound if the bytes are a value of the type, and [`Readable`]
//! is the promise that a type can decide that. Nobody writes that promise by hand: the macros in `macros` write it for every type of a
//! contract, and each proves it:
//!
//! - The bytes of a struct are a value if the bytes of each field are, at the offset that the compiler chose. A field of which any bytes are
//!   a value needs no check: its type, inferred from the field, is [`AnyBits`]. For the others `offset_of!` gives the offset, and the type
//!   is inferred from the field as well. A pattern without `..` shows that no field was left out.
//! - The bytes of a closed enum are a value if they equal those of a variant, which is made and compared. A variant of a large enum is made
//!   from an integer of a table. The integers of the table are variants, cast, and `message/variants` finds no others.
//! - The bytes of a oneof are a value if the tag is that of a variant and the bytes of the fields of that variant are values. Constants make
//!   each variant, and compare its tag and the offsets of its fields with those that are read; the derive of `IntoBytes` shows that there
//!   is nothing else.
//!
//! The rules of a contract are not checked here, but by `validate`. So no function here that makes a value is public. The public ones, for
//! generated code, only say yes or no; `decode` leads from bytes to a message, and it validates.
//!
//! The macros name everything by this crate: `::core` is whatever the user's crate calls that.
//!
//! zerocopy's `TryFromBytes` could do the same, with two differences: that trait is public with all its functions from bytes to a value, none
//! of which validates, and its derive costs rustc ten times as much. The tests compare this module with it.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::message::private::{Filler, Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8};
use crate::message::{DurationNs, FixedBytes, FixedStr, I128, TimestampNs, U128, U256};

mod macros;
#[cfg(test)]
mod tests;

pub use macros::{Field, any_bits, assert_count, assert_next, holds_field, is_variant, nowhere, tag};

/// A type that can decide whether bytes are a value of it. For generated code only.
///
/// # Safety
/// If `holds` is true for `size_of::<Self>()` bytes, they are a value of `Self`. If `ALWAYS` is true, any such bytes are.
pub unsafe trait Readable: Immutable + Copy + 'static {
    /// Whether any bytes are a value, so that no check is needed.
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
    /// There are too few bytes.
    Length,
    /// They are not aligned for the type.
    Alignment,
    /// They are not a value of the type.
    Bits,
}

/// The first bytes as a value, in place.
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
    // are a value, by the promise of `Readable`; nothing writes them through a shared reference, since the type is `Immutable`.
    Ok(unsafe { &*place })
}

/// The first bytes as a value, copied, whatever their alignment.
#[inline]
pub(crate) fn copied<T: Readable>(bytes: &[u8]) -> Result<T, Unreadable> {
    let body = bytes.get(..size_of::<T>()).ok_or(Unreadable::Length)?;
    if !holds::<T>(body) {
        return Err(Unreadable::Bits);
    }
    // SAFETY: there are as many bytes as the type has, and they are a value, by the promise of `Readable`. The type is `Copy`.
    Ok(unsafe { body.as_ptr().cast::<T>().read_unaligned() })
}

/// The bytes as `count` values, in place.
#[inline]
pub(crate) fn side_by_side<T: Readable>(bytes: &[u8], count: usize) -> Option<&[T]> {
    let first = bytes.as_ptr().cast::<T>();
    let is_long = count.checked_mul(size_of::<T>()) == Some(bytes.len());
    if !is_long || !first.is_aligned() || !all_hold::<T>(bytes) {
        return None;
    }
    // SAFETY: `first` is aligned, and points to `count` times the bytes of the type, borrowed for as long as the result. Each of
    // them is a value, by the promise of `Readable`; nothing writes them through a shared reference, since the type is `Immutable`.
    Some(unsafe { core::slice::from_raw_parts(first, count) })
}

#[inline]
fn holds<T: Readable>(bytes: &[u8]) -> bool {
    T::ALWAYS || T::holds(bytes)
}

#[inline]
fn all_hold<T: Readable>(bytes: &[u8]) -> bool {
    // A type of no bytes has one value.
    T::ALWAYS || size_of::<T>() == 0 || bytes.chunks_exact(size_of::<T>()).all(T::holds)
}

/// Implements `Readable` for types with a derived `FromBytes`.
macro_rules! always {
    ($($type:ty),* $(,)?) => {$(
        // SAFETY: any bytes are a value, as `FromBytes` shows.
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

// SAFETY: it consists of bytes only. No code relies for its safety on the length being in bounds and unused bytes being zero: `validate`
// checks that, and nothing makes such a value without it.
unsafe impl<const N: usize> Readable for FixedBytes<N> {
    const ALWAYS: bool = true;

    #[inline]
    fn holds(_: &[u8]) -> bool {
        true
    }
}

// SAFETY: as above.
unsafe impl<const N: usize> AnyBits for FixedBytes<N> {}

// SAFETY: as for the `FixedBytes` that it consists of; no code relies for its safety on them being UTF-8.
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
