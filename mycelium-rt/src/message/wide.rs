//! 128-bit integers with the alignment of 64-bit ones.

use core::cmp::Ordering;
use core::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::filler::Filler;

/// A `u128` in a message: two 64-bit halves, the lower one first.
///
/// A native `u128` has alignment 16 on some targets and 8 on others, so a message can't contain one.
///
/// ```
/// use mycelium_rt::U128;
///
/// let supply = U128::from(u128::MAX);
/// assert_eq!(u128::from(supply), u128::MAX);
/// assert!(supply > 7);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct U128 {
    low: u64,
    high: u64,
}

/// An `i128` in a message: two 64-bit halves in two's complement, the lower one first.
///
/// ```
/// use mycelium_rt::I128;
///
/// assert_eq!(i128::from(I128::from(-5)), -5);
/// assert!(I128::from(-5) < 0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct I128 {
    low: u64,
    high: u64,
}

macro_rules! wide {
    ($name:ident, $native:ident) => {
        impl $name {
            /// Zero.
            pub const ZERO: Self = Self::new(0);
            /// The largest value.
            pub const MAX: Self = Self::new($native::MAX);
            /// The smallest value.
            pub const MIN: Self = Self::new($native::MIN);

            /// Stores a native integer.
            #[inline]
            #[expect(clippy::cast_possible_truncation, reason = "takes the halves")]
            pub const fn new(value: $native) -> Self {
                Self { low: value as u64, high: (value >> 64) as u64 }
            }

            /// The native integer.
            #[inline]
            pub const fn get(self) -> $native {
                (self.high as $native) << 64 | self.low as $native
            }
        }

        impl From<$native> for $name {
            #[inline]
            fn from(value: $native) -> Self {
                Self::new(value)
            }
        }

        impl From<$name> for $native {
            #[inline]
            fn from(value: $name) -> Self {
                value.get()
            }
        }

        impl Filler for $name {
            const FILLER: Self = Self::ZERO;
        }

        impl Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> Ordering {
                self.get().cmp(&other.get())
            }
        }

        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl PartialEq<$native> for $name {
            #[inline]
            fn eq(&self, other: &$native) -> bool {
                self.get() == *other
            }
        }

        impl PartialEq<$name> for $native {
            #[inline]
            fn eq(&self, other: &$name) -> bool {
                *self == other.get()
            }
        }

        impl PartialOrd<$native> for $name {
            #[inline]
            fn partial_cmp(&self, other: &$native) -> Option<Ordering> {
                self.get().partial_cmp(other)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.get(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.get(), f)
            }
        }

        impl fmt::LowerHex for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::LowerHex::fmt(&self.get(), f)
            }
        }
    };
}

wide!(U128, u128);
wide!(I128, i128);
