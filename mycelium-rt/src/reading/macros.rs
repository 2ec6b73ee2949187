//! Who may implement [`Readable`]: the macros that generated code calls, each with what it proves its promise by.

use core::marker::PhantomData;

use zerocopy::{Immutable, IntoBytes};

use super::{AnyBits, Readable};
use crate::message::private::Filler;

/// For the proof of a struct: where fields of one type lie, of which any bytes are a value. They are told by pointers, since a value of
/// another type could be converted to the type that is inferred, as one of `!` can to each. Between pointers to two types of a size
/// that is known Rust converts nothing.
#[inline]
pub fn any_bits<T: AnyBits, const N: usize>(_: [*const T; N]) {}

/// For the proof of a struct: where a value would lie, to name its fields. There is none. It is a reference, so that it takes no room
/// in the frame of who asks.
#[inline]
pub fn nowhere<'a, T>() -> Option<&'a T> {
    None
}

/// Whether a field of `S` is a value, where it lies in the bytes of one.
#[inline]
pub fn holds_field<S, T: Readable>(bytes: &[u8], offset: usize, _: fn(&S) -> &T) -> bool {
    holds_at::<T>(bytes, offset)
}

#[inline]
fn holds_at<T: Readable>(bytes: &[u8], offset: usize) -> bool {
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
        holds_at::<T>(bytes, next_offset::<T>(end))
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

/// Lets a struct of a contract be read: its name; behind `any` those of its fields that any bytes are a value of, once for each type,
/// since rustc proves fields of one type at once; behind `checked` the other ones.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable {
    ($name:ident $(, any($($any:tt),+))*) => {
        // SAFETY: any bytes are a value where any bytes are one of each field. `any_bits` shows that of the types that the compiler
        // gives the fields; the pattern has no `..`, so all fields are there.
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
        // SAFETY: the bytes are a value where those of every field are, at its offset. Any bytes are one of some fields, which
        // `any_bits` shows of the types that the compiler gives them. Of the others `holds_field` infers the type from the field.
        // The pattern has no `..`, so all fields are there.
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

/// Lets a closed enum of a contract be read: its name, and the integer that it is.
#[doc(hidden)]
#[macro_export]
macro_rules! __readable_enum {
    ($name:ident, $int:ident) => {
        // SAFETY: `is_variant` is true only where the bytes are those of a value.
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
            // The tag of the variant, whose fields lie where they are looked for.
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
                // SAFETY: the value has at least eight bytes, and is aligned to as many as its tag is.
                unsafe { __start.cast::<$crate::__private::core::primitive::u64>().read_unaligned() }
            };)*
            $crate::__private::assert_count(&[$($variant),*]);
        };
    };
}
