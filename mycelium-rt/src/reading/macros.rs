//! The only implementations of [`Readable`] for types of contracts: macros that generated code calls, and the functions of their proofs.

use core::marker::PhantomData;

use zerocopy::{Immutable, IntoBytes};

use super::{AnyBits, Readable};
use crate::message::private::Filler;

/// For the proof of a struct: the places of fields of one type, of which any bytes are a value. They are pointers, since a value could be
/// coerced to the inferred type, as `!` can be to any type. Rust does not coerce between pointers to different sized types.
#[inline]
pub fn any_bits<T: AnyBits, const N: usize>(_: [*const T; N]) {}

/// For the proof of a struct: a place to name the fields of. There is none. It is a reference, so that it takes no space in the caller's
/// stack frame.
#[inline]
pub fn nowhere<'a, T>() -> Option<&'a T> {
    None
}

/// Whether the bytes of a field of `S` are a value, within the bytes of an `S`.
#[inline]
pub fn holds_field<S, T: Readable>(bytes: &[u8], offset: usize, _: fn(&S) -> &T) -> bool {
    holds_at::<T>(bytes, offset)
}

#[inline]
fn holds_at<T: Readable>(bytes: &[u8], offset: usize) -> bool {
    T::ALWAYS || bytes.get(offset..).and_then(|rest| rest.get(..size_of::<T>())).is_some_and(T::holds)
}

/// A field of a variant. Its type is inferred from the variant.
pub struct Field<T>(PhantomData<T>);

impl<T: Readable + Filler> Field<T> {
    /// A field whose type follows from [`infer`](Field::infer).
    pub const UNKNOWN: Self = Self(PhantomData);

    /// The value of the field in the literal of its variant. Never called.
    #[inline]
    pub fn infer(&self) -> T {
        T::FILLER
    }

    /// Whether the bytes of the field are a value: the field that follows after `end` bytes, as `repr(C)` places it.
    #[inline]
    pub fn holds_next(&self, bytes: &[u8], end: &mut usize) -> bool {
        holds_at::<T>(bytes, next_offset::<T>(end))
    }
}

/// The offset of a field that follows after `end` bytes, as `repr(C)` places it. Moves `end` behind it.
#[inline]
const fn next_offset<T>(end: &mut usize) -> usize {
    let offset = end.next_multiple_of(align_of::<T>());
    *end = offset + size_of::<T>();
    offset
}

/// For the proof of a oneof: `field` lies where [`Field::holds_next`] expects it.
///
/// # Panics
/// If it doesn't; in a constant.
///
/// # Safety
/// `value` points to the beginning of the value that contains `field`.
pub const unsafe fn assert_next<T>(value: *const u8, field: &T, end: &mut usize) {
    // SAFETY: both point into one value, by the caller's promise.
    let offset = unsafe { (&raw const *field).cast::<u8>().offset_from(value) };
    assert!(offset as usize == next_offset::<T>(end), "a variant does not lie in memory as `repr(u64)` says");
}

/// For the proof of a oneof: the tags of its variants are 0, 1, 2 and so on.
///
/// # Panics
/// If they aren't; in a constant.
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

/// Whether the bytes are those of the value that `make` returns for them as an integer.
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

/// Makes a struct of a contract readable. Takes its name; in `any` the fields of which any bytes are a value, grouped by type, since rustc
/// proves fields of one type at once; in `checked` the others.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable {
    ($name:ident $(, any($($any:tt),+))*) => {
        // SAFETY: any bytes are a value if any bytes are a value of each field. `any_bits` shows that for the types of the fields; the
        // pattern has no `..`, so no field is missing.
        #[allow(deprecated)]
        unsafe impl $crate::__private::Readable for $name {
            const ALWAYS: $crate::__private::core::primitive::bool = true;

            #[inline]
            fn holds(_: &[$crate::__private::core::primitive::u8]) -> $crate::__private::core::primitive::bool {
                if let $crate::__private::core::option::Option::Some(__value) = $crate::__private::nowhere::<Self>() {
                    let Self { $($($any: _),+),* } = __value;
                    $($crate::__private::any_bits([$(&raw const __value.$any),+]);)*
                }
                true
            }
        }

        // SAFETY: as above.
        #[allow(deprecated)]
        unsafe impl $crate::__private::AnyBits for $name {}
    };
    ($name:ident $(, any($($any:tt),+))*, checked($($field:tt),+)) => {
        // SAFETY: the bytes are a value if those of every field are, at its offset. For some fields any bytes are, which `any_bits` shows
        // for their types. For the others `holds_field` infers the type from the field. The pattern has no `..`, so no field is missing.
        #[allow(deprecated)]
        unsafe impl $crate::__private::Readable for $name {
            #[inline]
            fn holds(__bytes: &[$crate::__private::core::primitive::u8]) -> $crate::__private::core::primitive::bool {
                if let $crate::__private::core::option::Option::Some(__value) = $crate::__private::nowhere::<Self>() {
                    let Self { $($($any: _,)+)* $($field: _),+ } = __value;
                    $($crate::__private::any_bits([$(&raw const __value.$any),+]);)*
                }
                true $(&& $crate::__private::holds_field(
                    __bytes,
                    $crate::__private::core::mem::offset_of!(Self, $field),
                    |__value: &Self| &__value.$field,
                ))+
            }
        }
    };
}

/// Makes a closed enum of a contract readable. Takes its name and its integer type.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_enum {
    ($name:ident, $int:ident) => {
        // SAFETY: `is_variant` is true only if the bytes are those of a value.
        unsafe impl $crate::__private::Readable for $name {
            #[inline]
            fn holds(__bytes: &[$crate::__private::core::primitive::u8]) -> $crate::__private::core::primitive::bool {
                $crate::__private::is_variant(__bytes, |__integer| {
                    let __integer = $crate::__private::core::primitive::$int::from_ne_bytes(__integer);
                    <Self as $crate::__private::core::convert::TryFrom<$crate::__private::core::primitive::$int>>::try_from(__integer).ok()
                })
            }
        }
    };
}

/// Makes a closed enum of many variants readable, and implements its `name`. Takes its name, its integer type, then each variant with its
/// name in the contract, by ascending value.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_large_enum {
    ($name:ident, $text:literal, $int:ident, $($variant:ident $label:literal),+ $(,)?) => {
        const _: () = {
            // Each of these integers is that of a variant, since it is cast from one: braces name a variant, and never a constant.
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
                            // SAFETY: `__find` finds only integers of variants. An enum without fields is its integer: `IntoBytes` shows
                            // that it has a fixed representation, `transmute` that it is as long as this integer.
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

/// Makes a oneof of a contract readable. Takes its name, then each variant with each of its fields and a name to bind it to, in declared
/// order.
///
/// Each variant has a function and a constant of its own, both with its name, since all variants in one body cost rustc the square of their
/// number. Each pattern costs their number, so there is one per variant, not one per field.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_oneof {
    ($name:ident $(, $variant:ident($($field:ident $binding:ident),* $(,)?))* $(,)?) => {
        // SAFETY: the bytes are a value if the tag is that of a variant and the bytes of its fields are values. The constants below show
        // that the tags are the indices of the variants, and that the fields lie where they are read; the literal of the variant gives
        // their types. `IntoBytes` shows that there is nothing but tag and fields, and that the representation is fixed.
        #[allow(deprecated, non_snake_case)]
        unsafe impl $crate::__private::Readable for $name {
            #[inline]
            fn holds(__bytes: &[$crate::__private::core::primitive::u8]) -> $crate::__private::core::primitive::bool {
                $(
                    #[inline]
                    fn $variant(__bytes: &[$crate::__private::core::primitive::u8]) -> $crate::__private::core::primitive::bool {
                        let _ = __bytes;
                        let mut __end = 8;
                        let _ = &mut __end;
                        $(let $binding = $crate::__private::Field::UNKNOWN;)*
                        let _ = || -> $name { $name::$variant { $($field: $binding.infer()),* } };
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
            // The tag of the variant. Also checks that its fields lie where they are read.
            $(const $variant: $crate::__private::core::primitive::u64 = {
                let __value: $name = $name::$variant { $($field: $crate::__private::Filler::FILLER),* };
                let __start = (&raw const __value).cast::<$crate::__private::core::primitive::u8>();
                let mut __end = 8;
                let _ = &mut __end;
                if let $name::$variant { $($field: $binding),* } = &__value {
                    // SAFETY: the field is one of `__value`.
                    $(unsafe { $crate::__private::assert_next(__start, $binding, &mut __end) };)*
                }
                $crate::__private::core::assert!(__end == $crate::__private::core::mem::size_of::<$name>() && __end >= 8, "a variant has another size than its enum");
                // SAFETY: the value has at least eight bytes; the read needs no alignment.
                unsafe { __start.cast::<$crate::__private::core::primitive::u64>().read_unaligned() }
            };)*
            $crate::__private::assert_count(&[$($variant),*]);
        };
    };
}
