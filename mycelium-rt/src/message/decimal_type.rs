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
            pub const fn checked_add(self, __other: Self) -> ::core::option::Option<Self> {
                match self.0.checked_add(__other.0) {
                    ::core::option::Option::Some(__raw) => ::core::option::Option::Some(Self(__raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// The exact difference, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_sub(self, __other: Self) -> ::core::option::Option<Self> {
                match self.0.checked_sub(__other.0) {
                    ::core::option::Option::Some(__raw) => ::core::option::Option::Some(Self(__raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// The product with an integer, which is exact, or with another decimal, which is rounded half to even;
            /// `None` if it is out of range.
            #[inline]
            #[must_use]
            pub fn checked_mul(
                self,
                __factor: impl $crate::__private::DecimalFactor<Self>,
            ) -> ::core::option::Option<Self> {
                $crate::__private::DecimalFactor::times(__factor, self)
            }

            /// The exact product with an integer, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_mul_int(self, __factor: $repr) -> ::core::option::Option<Self> {
                match self.0.checked_mul(__factor) {
                    ::core::option::Option::Some(__raw) => ::core::option::Option::Some(Self(__raw)),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }

            /// The negative, or `None` if it is out of range.
            #[inline]
            #[must_use]
            pub const fn checked_neg(self) -> ::core::option::Option<Self> {
                match self.0.checked_neg() {
                    ::core::option::Option::Some(__raw) => ::core::option::Option::Some(Self(__raw)),
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
            fn from_raw(__raw: $repr) -> Self {
                Self(__raw)
            }
        }

        impl $crate::__private::DecimalFactor<$name> for $name {
            #[inline]
            fn times(self, __decimal: $name) -> ::core::option::Option<$name> {
                $crate::__private::product(__decimal, self)
            }
        }

        impl $crate::__private::DecimalFactor<$name> for $repr {
            #[inline]
            fn times(self, __decimal: $name) -> ::core::option::Option<$name> {
                __decimal.checked_mul_int(self)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_add` gives `None`.
        impl ::core::ops::Add for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn add(self, __other: Self) -> Self {
                $crate::__decimal!(@exact self.checked_add(__other), $name)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_sub` gives `None`.
        impl ::core::ops::Sub for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn sub(self, __other: Self) -> Self {
                $crate::__decimal!(@exact self.checked_sub(__other), $name)
            }
        }

        /// By an integer, or by another decimal; panics on overflow in every build profile, where `checked_mul` gives
        /// `None`.
        impl<__T: $crate::__private::DecimalFactor<$name>> ::core::ops::Mul<__T> for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn mul(self, __factor: __T) -> Self {
                $crate::__decimal!(@exact self.checked_mul(__factor), $name)
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
            fn add_assign(&mut self, __other: Self) {
                *self = *self + __other;
            }
        }

        impl ::core::ops::SubAssign for $name {
            #[inline]
            #[track_caller]
            fn sub_assign(&mut self, __other: Self) {
                *self = *self - __other;
            }
        }

        impl ::core::iter::Sum for $name {
            #[track_caller]
            fn sum<__I: ::core::iter::Iterator<Item = Self>>(__items: __I) -> Self {
                __items.fold(Self::ZERO, |__sum, __item| __sum + __item)
            }
        }

        /// Exact: digits beyond the scale are an error, unless they are zero.
        impl ::core::str::FromStr for $name {
            type Err = $crate::ParseDecimalError;

            fn from_str(__text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::__private::parse(__text)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::write(*self, __f)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.write_str(::core::concat!(::core::stringify!($name), "("))?;
                ::core::fmt::Display::fmt(self, __f)?;
                __f.write_str(")")
            }
        }

        $crate::__filler!($name, Self(0));
        $crate::__readable!($name, any(0));
    };
    (@exact $value:expr, $name:ident) => {
        match $value {
            ::core::option::Option::Some(__value) => __value,
            ::core::option::Option::None => $crate::__private::overflow(::core::stringify!($name)),
        }
    };
}
