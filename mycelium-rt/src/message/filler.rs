//! What lies in bytes without a meaning: the filler of absent optionals and unused slots, and padding.
//!
//! Reserved bytes that are not zero are refused on entry, so that a later version can give them a meaning. Padding is of types that are
//! compared in as few pieces as possible; an array of bytes would be compared byte by byte. None needs alignment.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

/// A type with one canonical value for bytes without a meaning: zero, or the first variant of a closed enum.
///
/// With a fixed filler, equal messages are equal byte for byte. `Default` won't do: arrays of more than 32 elements lack it, and it is not
/// a constant.
pub trait Filler: Copy {
    /// The canonical value.
    const FILLER: Self;
}

impl<T: Filler, const N: usize> Filler for [T; N] {
    const FILLER: Self = [T::FILLER; N];
}

/// Implements [`Filler`] and `Default` for a type of a contract.
#[doc(hidden)]
#[macro_export]
macro_rules! __filler {
    ($name:ident, $filler:expr) => {
        impl $crate::__private::Filler for $name {
            const FILLER: Self = $filler;
        }

        $crate::__default!($name);
    };
}

/// Implements `Default` for a type of a contract, by its filler.
#[doc(hidden)]
#[macro_export]
macro_rules! __default {
    ($name:ident) => {
        impl ::core::default::Default for $name {
            #[inline]
            fn default() -> Self {
                <Self as $crate::__private::Filler>::FILLER
            }
        }
    };
}

macro_rules! filler {
    ($($type:ty = $filler:expr),* $(,)?) => {
        $(impl Filler for $type {
            const FILLER: Self = $filler;
        })*
    };
}

filler! { bool = false, u8 = 0, u16 = 0, u32 = 0, u64 = 0, i8 = 0, i16 = 0, i32 = 0, i64 = 0, f32 = 0.0, f64 = 0.0 }

macro_rules! pieces {
    ($($name:ident: $repr:ident),*) => {$(
        /// A part of padding. As visible as the padding, which the derives require.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
        #[repr($repr)]
        pub enum $name {
            /// The only value.
            Zero = 0,
        }
    )*};
}

macro_rules! padding {
    ($($name:ident = $($piece:ident)*;)*) => {$(
        /// Padding of this number of bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[derive(TryFromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
        #[repr(C, packed)]
        pub struct $name($($piece),*);

        impl Filler for $name {
            const FILLER: Self = Self($($piece::Zero),*);
        }
    )*};
}

pieces! { One: u8, Two: u16, Four: u32, Eight: u64 }

padding! {
    Zero1 = One;
    Zero2 = Two;
    Zero3 = One Two;
    Zero4 = Four;
    Zero5 = One Four;
    Zero6 = Two Four;
    Zero7 = One Two Four;
    Zero8 = Eight;
}
