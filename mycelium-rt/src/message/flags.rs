//! Flags: what every generated type of named bits has.

use core::fmt;

/// Implements a flags type `struct $name(pub $repr)` with named bits.
#[doc(hidden)]
#[macro_export]
macro_rules! __flags {
    ($name:ident, $repr:ident) => {
        impl $name {
            /// The bits as an integer, unknown ones included.
            #[inline]
            #[must_use]
            pub const fn bits(self) -> $repr {
                self.0
            }

            /// True if no bit is set.
            #[inline]
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// True if every bit of the other set is in this one.
            #[inline]
            #[must_use]
            pub const fn contains(self, __other: Self) -> bool {
                self.0 & __other.0 == __other.0
            }

            /// Sets the bits of another set.
            #[inline]
            pub const fn insert(&mut self, __other: Self) {
                self.0 |= __other.0;
            }

            /// Clears the bits of another set.
            #[inline]
            pub const fn remove(&mut self, __other: Self) {
                self.0 &= !__other.0;
            }
        }

        $crate::__flags!(@operator $name, BitOr, bitor, BitOrAssign, bitor_assign, |__left, __right| __left | __right);
        $crate::__flags!(@operator $name, BitAnd, bitand, BitAndAssign, bitand_assign, |__left, __right| __left & __right);
        $crate::__flags!(@operator $name, BitXor, bitxor, BitXorAssign, bitxor_assign, |__left, __right| __left ^ __right);
        $crate::__flags!(@operator $name, Sub, sub, SubAssign, sub_assign, |__left, __right| __left & !__right);

        impl ::core::convert::From<$repr> for $name {
            #[inline]
            fn from(__bits: $repr) -> Self {
                Self(__bits)
            }
        }

        impl ::core::convert::From<$name> for $repr {
            #[inline]
            fn from(__flags: $name) -> Self {
                __flags.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let __names = <Self as $crate::__private::FlagNames>::NAMES;
                $crate::__private::debug_flags(__f, ::core::stringify!($name), ::core::convert::Into::into(self.0), __names)
            }
        }

        $crate::__filler!($name, Self(0));
        $crate::__readable!($name, any(0));
    };
    (@operator $name:ident, $trait:ident, $method:ident, $assign:ident, $assign_method:ident,
     |$left:ident, $right:ident| $result:expr) => {
        impl ::core::ops::$trait for $name {
            type Output = Self;

            #[inline]
            fn $method(self, __other: Self) -> Self {
                let ($left, $right) = (self.0, __other.0);
                Self($result)
            }
        }

        impl ::core::ops::$assign for $name {
            #[inline]
            fn $assign_method(&mut self, __other: Self) {
                *self = ::core::ops::$trait::$method(*self, __other);
            }
        }
    };
}

/// The bits of a flags type.
pub trait FlagNames {
    /// Name and position of each.
    const NAMES: &'static [(&'static str, u32)];
}

/// Prints `Effects(Burning | Hidden | 0x8000)`: the names of known bits, and unknown bits as a number.
///
/// # Errors
/// Those of the formatter.
pub fn debug_flags(f: &mut fmt::Formatter<'_>, name: &str, bits: u64, names: &[(&str, u32)]) -> fmt::Result {
    write!(f, "{name}(")?;
    let mut unknown = bits;
    let mut separator = "";
    for (bit, position) in names {
        let mask = 1_u64.checked_shl(*position).unwrap_or(0);
        if unknown & mask != 0 {
            write!(f, "{separator}{bit}")?;
            separator = " | ";
            unknown &= !mask;
        }
    }
    if unknown != 0 || separator.is_empty() {
        write!(f, "{separator}{unknown:#x}")?;
    }
    f.write_str(")")
}
