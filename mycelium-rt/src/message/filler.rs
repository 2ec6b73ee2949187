//! What lies in absent optionals and unused slots.

/// A type with one canonical value for bytes that mean nothing: zero, or the first variant of a closed enum.
///
/// One fixed filler makes equal messages equal byte for byte. It is a trait of our own, since `Default` is missing for
/// arrays of more than 32 elements and is no constant.
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

/// Implements `Default` for a type of a contract: its filler.
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
