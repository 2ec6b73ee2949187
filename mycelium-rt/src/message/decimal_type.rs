//! What every generated decimal type has.

/// Ends an operation whose exact result does not exist.
#[cold]
#[track_caller]
pub fn overflow(name: &str) -> ! {
    panic!("arithmetic on `{name}` overflowed")
}

/// Implements a decimal type `struct $name(pub $repr)` with `$scale` digits after the point.
#[doc(hidden)]
#[macro_export]
macro_rules! __decimal {
    ($name:ident, $repr:ident, $scale:literal) => {
        impl $name {
            /// Digits after the point.
            pub const SCALE: u32 = $scale;
            /// Zero.
            pub const ZERO: Self = Self(0);
            /// The smallest value.
            pub const MIN: Self = Self($repr::MIN);
            /// The largest value.
            pub const MAX: Self = Self($repr::MAX);

            /// The exact sum, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_add(self, other: Self) -> ::core::option::Option<Self> {
                match self.0.checked_add(other.0) {
                    ::core::option::Option::Some(raw) => ::core::option::Option::Some(Self(raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// The exact difference, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_sub(self, other: Self) -> ::core::option::Option<Self> {
                match self.0.checked_sub(other.0) {
                    ::core::option::Option::Some(raw) => ::core::option::Option::Some(Self(raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// The product with an integer, which is exact, or with another decimal, which is rounded half to even;
            /// `None` if it is out of range.
            #[inline]
            #[must_use]
            pub fn checked_mul(
                self,
                factor: impl $crate::__private::DecimalFactor<Self>,
            ) -> ::core::option::Option<Self> {
                $crate::__private::DecimalFactor::times(factor, self)
            }

            /// The exact product with an integer, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_mul_int(self, factor: $repr) -> ::core::option::Option<Self> {
                match self.0.checked_mul(factor) {
                    ::core::option::Option::Some(raw) => ::core::option::Option::Some(Self(raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// The negative, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_neg(self) -> ::core::option::Option<Self> {
                match self.0.checked_neg() {
                    ::core::option::Option::Some(raw) => ::core::option::Option::Some(Self(raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// About the same value in binary: for charts and logs, not for money.
            #[must_use]
            pub fn to_f64_lossy(self) -> f64 {
                $crate::__private::to_f64_lossy(self)
            }
        }

        impl $crate::__private::Decimal for $name {
            type Repr = $repr;
            const SCALE: u32 = $scale;

            #[inline]
            fn raw(self) -> $repr {
                self.0
            }

            #[inline]
            fn from_raw(raw: $repr) -> Self {
                Self(raw)
            }
        }

        impl $crate::__private::DecimalFactor<$name> for $name {
            #[inline]
            fn times(self, decimal: $name) -> ::core::option::Option<$name> {
                $crate::__private::product(decimal, self)
            }
        }

        impl $crate::__private::DecimalFactor<$name> for $repr {
            #[inline]
            fn times(self, decimal: $name) -> ::core::option::Option<$name> {
                decimal.checked_mul_int(self)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_add` gives `None`.
        impl ::core::ops::Add for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn add(self, other: Self) -> Self {
                $crate::__decimal!(@exact self.checked_add(other), $name)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_sub` gives `None`.
        impl ::core::ops::Sub for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn sub(self, other: Self) -> Self {
                $crate::__decimal!(@exact self.checked_sub(other), $name)
            }
        }

        /// By an integer, or by another decimal; panics on overflow in every build profile, where `checked_mul` gives
        /// `None`.
        impl<T: $crate::__private::DecimalFactor<$name>> ::core::ops::Mul<T> for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn mul(self, factor: T) -> Self {
                $crate::__decimal!(@exact self.checked_mul(factor), $name)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_neg` gives `None`.
        impl ::core::ops::Neg for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn neg(self) -> Self {
                $crate::__decimal!(@exact self.checked_neg(), $name)
            }
        }

        impl ::core::ops::AddAssign for $name {
            #[inline]
            #[track_caller]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl ::core::ops::SubAssign for $name {
            #[inline]
            #[track_caller]
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl ::core::iter::Sum for $name {
            #[track_caller]
            fn sum<I: ::core::iter::Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self::ZERO, |sum, item| sum + item)
            }
        }

        /// Exact: digits beyond the scale are an error, unless they are zero.
        impl ::core::str::FromStr for $name {
            type Err = $crate::ParseDecimalError;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::__private::parse(text)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::write(*self, f)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(::core::concat!(::core::stringify!($name), "("))?;
                ::core::fmt::Display::fmt(self, f)?;
                f.write_str(")")
            }
        }

        $crate::__filler!($name, Self(0));
        $crate::__readable!($name, 0);
    };
    (@exact $value:expr, $name:ident) => {
        match $value {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => $crate::__private::overflow(::core::stringify!($name)),
        }
    };
}
