//! Reading values where their bytes lie: the one place outside of the ring and of shared memory with `unsafe` in it.
//!
//! A message is its bytes, so reading one is a check and a cast. The cast is sound where the bytes are a value of the type, and
//! [`Readable`] is the promise that a type can tell. Nobody writes that promise by hand: the macros of this module do, for every
//! type that a contract declares, and each proves what it says:
//!
//! - A struct is a value where each of its fields is one, at the place that the compiler gave it. `offset_of!` says the place, the
//!   type of a field is inferred from the field itself, and a pattern without `..` shows that no field was left out.
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

use core::marker::PhantomData;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::message::private::{Filler, Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8};
use crate::message::{DurationNs, FixedBytes, FixedStr, I128, TimestampNs, U128, U256};

#[cfg(test)]
mod tests;

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

/// Whether a field of `S` is a value, where it lies in the bytes of one.
#[inline]
pub fn holds_field<S, T: Readable>(bytes: &[u8], offset: usize, _: fn(&S) -> &T) -> bool {
    T::ALWAYS || bytes.get(offset..).and_then(|rest| rest.get(..size_of::<T>())).is_some_and(T::holds)
}

/// A field of a variant, whose type is inferred from the variant.
pub struct Field<T>(PhantomData<T>);

impl<T: Readable + Filler> Field<T> {
    /// Of a type that follows from [`infer`](Field::infer).
    pub const UNKNOWN: Self = Self(PhantomData);

    /// What stands for the field where its variant is written down. Nobody calls it.
    #[inline]
    pub fn infer(&self) -> T {
        T::FILLER
    }

    /// Whether the field is a value: the one that follows after `end` bytes, as `repr(C)` places it.
    #[inline]
    pub fn holds_next(&self, bytes: &[u8], end: &mut usize) -> bool {
        let offset = next_offset::<T>(end);
        T::ALWAYS || bytes.get(offset..).and_then(|rest| rest.get(..size_of::<T>())).is_some_and(T::holds)
    }
}

/// Where a field lies after `end` bytes, as `repr(C)` places it; then `end` is behind it.
#[inline]
const fn next_offset<T>(end: &mut usize) -> usize {
    let offset = end.next_multiple_of(align_of::<T>());
    *end = offset + size_of::<T>();
    offset
}

/// For the proof of a oneof: whether `field` lies where [`Field::holds_next`] looks for it.
///
/// # Panics
/// If it doesn't, which is in a constant.
///
/// # Safety
/// `value` points to the beginning of what `field` is a part of.
pub const unsafe fn assert_next<T>(value: *const u8, field: &T, end: &mut usize) {
    // SAFETY: both point into one value, by the caller's promise.
    let offset = unsafe { (&raw const *field).cast::<u8>().offset_from(value) };
    assert!(offset as usize == next_offset::<T>(end), "a variant does not lie in memory as `repr(u64)` says");
}

/// For the proof of a oneof: whether the tags of its variants count them.
///
/// # Panics
/// If they don't, which is in a constant.
pub const fn assert_count(tags: &[u64]) {
    let mut count = 0;
    while count < tags.len() {
        assert!(tags[count] == count as u64, "a tag is out of order");
        count += 1;
    }
}

/// The tag of a oneof: its first eight bytes.
#[inline]
pub fn tag(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(u64::MAX, |tag| u64::from_ne_bytes(*tag))
}

/// Whether bytes are those of a value that `make` gives for the integer which they are.
#[inline]
pub fn is_variant<T: IntoBytes + Immutable, const SIZE: usize>(
    bytes: &[u8],
    make: impl FnOnce([u8; SIZE]) -> Option<T>,
) -> bool {
    match <[u8; SIZE]>::try_from(bytes) {
        Ok(integer) => make(integer).is_some_and(|value| value.as_bytes() == bytes),
        Err(_) => false,
    }
}

/// Lets a struct of a contract be read: its name, then each of its fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable {
    ($name:ident $(, $field:tt)* $(,)?) => {
        // SAFETY: the bytes are a value where those of every field are, at its offset. `holds_field` infers the type of the field
        // from the field; the pattern has no `..`, so all fields are there.
        #[allow(deprecated)]
        unsafe impl $crate::__private::Readable for $name {
            #[inline]
            fn holds(__bytes: &[u8]) -> bool {
                let _ = __bytes;
                let _: fn(&Self) = |__value| {
                    let Self { $($field: _),* } = __value;
                };
                true $(&& $crate::__private::holds_field(
                    __bytes,
                    $crate::__private::core::mem::offset_of!(Self, $field),
                    |__value: &Self| &__value.$field,
                ))*
            }
        }
    };
}

/// Lets a closed enum of a contract be read: its name, and the integer that it is.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_enum {
    ($name:ident, $int:ident) => {
        // SAFETY: `is_variant` is true only where the bytes are those of a value.
        unsafe impl $crate::__private::Readable for $name {
            #[inline]
            fn holds(__bytes: &[u8]) -> bool {
                $crate::__private::is_variant(__bytes, |__integer| {
                    let __integer = $crate::__private::core::primitive::$int::from_ne_bytes(__integer);
                    <Self as $crate::__private::core::convert::TryFrom<$crate::__private::core::primitive::$int>>::try_from(__integer).ok()
                })
            }
        }
    };
}

/// Lets a closed enum of many variants be read, and gives it names: its name, the integer that it is, then each variant with its
/// name in the contract, by ascending value.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_large_enum {
    ($name:ident, $text:literal, $int:ident, $($variant:ident $label:literal),+ $(,)?) => {
        const _: () = {
            // Each of these integers is a variant, since it was one: braces name a variant, and never a constant.
            $crate::__private::find!($int, $($name::$variant {} as $crate::__private::core::primitive::$int),+);

            const fn is_into_bytes<T: $crate::__private::IntoBytes>() {}
            is_into_bytes::<$name>();

            #[allow(dead_code, unreachable_pub)]
            impl $name {
                /// The name in the contract.
                #[inline]
                #[must_use]
                pub const fn name(self) -> &'static $crate::__private::core::primitive::str {
                    const __NAMES: &[&$crate::__private::core::primitive::str] = &[$($label),+];
                    $crate::__private::name_at(__NAMES, __find(self as $crate::__private::core::primitive::$int))
                }
            }

            impl $crate::__private::core::convert::TryFrom<$crate::__private::core::primitive::$int> for $name {
                type Error = $crate::UnknownVariant;

                #[inline]
                fn try_from(
                    __value: $crate::__private::core::primitive::$int,
                ) -> $crate::__private::core::result::Result<Self, $crate::UnknownVariant> {
                    match __find(__value) {
                        $crate::__private::core::option::Option::Some(_) => {
                            // SAFETY: `__find` finds the integers that variants are. An enum without fields is its integer: that it has
                            // a fixed representation is shown by `IntoBytes`, that it is as long as this integer by `transmute`.
                            $crate::__private::core::result::Result::Ok(unsafe { $crate::__private::core::mem::transmute::<$crate::__private::core::primitive::$int, Self>(__value) })
                        }
                        $crate::__private::core::option::Option::None => $crate::__private::unknown_variant($text, __value),
                    }
                }
            }

            impl $crate::__private::core::fmt::Debug for $name {
                #[inline]
                fn fmt(&self, __f: &mut $crate::__private::core::fmt::Formatter<'_>) -> $crate::__private::core::fmt::Result {
                    __f.write_str(self.name())
                }
            }
        };

        $crate::__readable_enum!($name, $int);
    };
}

/// Lets a oneof of a contract be read: its name, then each variant with each of its fields and a name to bind it to, in declared
/// order.
///
/// A variant has a function and a constant of its own, both called like it, since all variants in one body cost rustc the square of
/// their number. Each pattern costs it their number, so there is one for a variant, not one for a field.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_oneof {
    ($name:ident $(, $variant:ident($($field:ident $binding:ident),* $(,)?))* $(,)?) => {
        // SAFETY: the bytes are a value where the tag is that of a variant and the bytes of its fields are values. The constants below
        // show that the tags count the variants, and that the fields lie where they are looked for; the literal of the variant
        // tells their types. `IntoBytes` shows that beside tag and fields there is nothing, and that the representation is a
        // fixed one.
        #[allow(deprecated, non_snake_case)]
        unsafe impl $crate::__private::Readable for $name {
            #[inline]
            fn holds(__bytes: &[$crate::__private::core::primitive::u8]) -> bool {
                $(
                    #[inline]
                    fn $variant(__bytes: &[$crate::__private::core::primitive::u8]) -> bool {
                        let _ = __bytes;
                        let mut __end = 8;
                        let _ = &mut __end;
                        $(let $binding = $crate::__private::Field::UNKNOWN;)*
                        let _ = || $name::$variant { $($field: $binding.infer()),* };
                        true $(&& $binding.holds_next(__bytes, &mut __end))*
                    }
                )*
                let __tag = $crate::__private::tag(__bytes);
                let mut __variant = 0;
                $(
                    if __tag == __variant {
                        return $variant(__bytes);
                    }
                    __variant += 1;
                )*
                let _ = __variant;
                false
            }
        }

        #[allow(deprecated, irrefutable_let_patterns, non_upper_case_globals)]
        const _: () = {
            const fn is_into_bytes<T: $crate::__private::IntoBytes>() {}
            is_into_bytes::<$name>();
            // The tag of the variant, whose fields lie where they are looked for.
            $(const $variant: $crate::__private::core::primitive::u64 = {
                let __value = $name::$variant { $($field: $crate::__private::Filler::FILLER),* };
                let __start = (&raw const __value).cast::<$crate::__private::core::primitive::u8>();
                let mut __end = 8;
                let _ = &mut __end;
                if let $name::$variant { $($field: $binding),* } = &__value {
                    // SAFETY: the field is one of `__value`.
                    $(unsafe { $crate::__private::assert_next(__start, $binding, &mut __end) };)*
                }
                $crate::__private::core::assert!(__end == $crate::__private::core::mem::size_of::<$name>() && __end >= 8, "a variant has another size than its enum");
                // SAFETY: the value has at least eight bytes, and is aligned to as many as its tag is.
                unsafe { __start.cast::<$crate::__private::core::primitive::u64>().read_unaligned() }
            };)*
            $crate::__private::assert_count(&[$($variant),*]);
        };
    };
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

// SAFETY: as for the bytes that it is made of; that they are UTF-8 no code relies on for its safety.
unsafe impl<const N: usize> Readable for FixedStr<N> {
    const ALWAYS: bool = true;

    #[inline]
    fn holds(_: &[u8]) -> bool {
        true
    }
}

// SAFETY: the elements of an array lie side by side, and there is nothing else.
unsafe impl<T: Readable, const N: usize> Readable for [T; N] {
    const ALWAYS: bool = T::ALWAYS;

    #[inline]
    fn holds(bytes: &[u8]) -> bool {
        all_hold::<T>(bytes)
    }
}

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
