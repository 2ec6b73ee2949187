//! Exact decimal numbers: the arithmetic, the text and the operators of every `decimal` type of a contract.
//!
//! A decimal is an integer of 8 to 64 bits that counts units of 10^-SCALE. Everything is computed in `i128`, in which no product of two
//! decimals overflows if it fits into a decimal in the end: 2^64 · 10^18 < 2^127.

use core::fmt;

/// Text that is not a value of a decimal type.
///
/// The error of `FromStr` of generated decimals: `"101.25".parse::<Price>()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseDecimalError {
    /// No digits.
    Empty,
    /// A character that is not a digit, sign or point, or is in the wrong place.
    Syntax,
    /// More digits after the point than the type has, which are not zero.
    TooPrecise {
        /// The digits after the point that the type has.
        scale: u32,
    },
    /// Below the smallest or above the largest value of the type.
    OutOfRange,
}

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a decimal needs at least one digit"),
            Self::Syntax => f.write_str("a decimal has an optional sign, digits, and at most one point"),
            Self::TooPrecise { scale } => write!(f, "the type has only {scale} digits after the point"),
            Self::OutOfRange => f.write_str("the number is out of the range of its type"),
        }
    }
}

impl core::error::Error for ParseDecimalError {}

/// A decimal type of a contract.
pub trait Decimal: Copy {
    /// The integer that holds it.
    type Repr: DecimalRepr;
    /// Digits after the point, at most 18.
    const SCALE: u32;

    /// The number of units.
    fn raw(self) -> Self::Repr;

    /// The decimal of this number of units.
    fn from_raw(raw: Self::Repr) -> Self;
}

/// An integer that can hold a decimal.
pub trait DecimalRepr: Copy + Into<i128> + TryFrom<i128> {}

impl<T: Copy + Into<i128> + TryFrom<i128>> DecimalRepr for T {}

/// A factor for a decimal: a decimal of the same type, or its integer.
pub trait DecimalFactor<D> {
    /// The product, or `None` if it is out of range.
    fn times(self, decimal: D) -> Option<D>;
}

/// 10^SCALE.
const fn unit<D: Decimal>() -> i128 {
    10_i128.pow(D::SCALE)
}

/// From `i128`, if it fits.
fn narrow<D: Decimal>(raw: i128) -> Option<D> {
    D::Repr::try_from(raw).ok().map(D::from_raw)
}

/// The product of two decimals, rounded half to even.
#[inline]
pub fn product<D: Decimal>(left: D, right: D) -> Option<D> {
    let exact = left.raw().into().checked_mul(right.raw().into())?;
    narrow(round_half_even(exact, unit::<D>()))
}

fn round_half_even(value: i128, unit: i128) -> i128 {
    let quotient = value.div_euclid(unit);
    let twice_rest = 2 * value.rem_euclid(unit);
    let rounds_up = twice_rest > unit || (twice_rest == unit && quotient % 2 != 0);
    quotient + i128::from(rounds_up)
}

/// The nearest `f64`, or a neighbour of it: for charts and logs, not for money.
#[expect(clippy::cast_precision_loss, reason = "the name says so")]
pub fn to_f64_lossy<D: Decimal>(decimal: D) -> f64 {
    decimal.raw().into() as f64 / unit::<D>() as f64
}

/// Parses `-12.5`: an optional sign, digits, and at most one point with digits before or after it. Exact: digits beyond
/// the scale must be zero.
///
/// # Errors
/// [`ParseDecimalError`].
pub fn parse<D: Decimal>(text: &str) -> Result<D, ParseDecimalError> {
    let (is_negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let magnitude = magnitude(digits, D::SCALE)?;
    let raw = if is_negative { -magnitude } else { magnitude };
    narrow(raw).ok_or(ParseDecimalError::OutOfRange)
}

/// The digits as a number of units.
fn magnitude(text: &[u8], scale: u32) -> Result<i128, ParseDecimalError> {
    let mut units: i128 = 0;
    let mut decimals = None;
    let mut is_empty = true;
    for character in text {
        match character {
            b'.' if decimals.is_none() => decimals = Some(0),
            b'0' if decimals == Some(scale) => is_empty = false,
            b'0'..=b'9' if decimals == Some(scale) => return Err(ParseDecimalError::TooPrecise { scale }),
            b'0'..=b'9' => {
                units = append(units, character - b'0')?;
                decimals = decimals.map(|count| count + 1);
                is_empty = false;
            }
            _ => return Err(ParseDecimalError::Syntax),
        }
    }
    if is_empty {
        return Err(ParseDecimalError::Empty);
    }
    (decimals.unwrap_or(0)..scale).try_fold(units, |units, _| append(units, 0))
}

fn append(units: i128, digit: u8) -> Result<i128, ParseDecimalError> {
    let shifted = units.checked_mul(10).and_then(|units| units.checked_add(digit.into()));
    shifted.ok_or(ParseDecimalError::OutOfRange)
}

/// Prints all digits of the scale, so that parsing gives the same value. Width, fill and sign of the formatter apply.
///
/// # Errors
/// Those of the formatter.
pub fn write<D: Decimal>(decimal: D, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let raw: i128 = decimal.raw().into();
    let mut text = Digits::default();
    let mut rest = raw.unsigned_abs();
    for position in 0..40 {
        if position == D::SCALE && D::SCALE > 0 {
            text.push(b'.');
        }
        if position > D::SCALE && rest == 0 {
            break;
        }
        text.push(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    f.pad_integral(raw >= 0, "", text.as_str())
}

/// Text written from its end: at most 20 digits of a 64-bit integer, or 18 after the point, one before it, and the point.
#[derive(Default)]
struct Digits {
    bytes: [u8; 24],
    used: usize,
}

impl Digits {
    fn push(&mut self, byte: u8) {
        self.used += 1;
        let start = self.bytes.len().checked_sub(self.used);
        if let Some(slot) = start.and_then(|start| self.bytes.get_mut(start)) {
            *slot = byte;
        }
    }

    fn as_str(&self) -> &str {
        let start = self.bytes.len().saturating_sub(self.used);
        self.bytes.get(start..).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Panics in an operation whose exact result is out of range.
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

            /// The nearest `f64`, or a neighbour of it: for charts and logs, not for money.
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

        /// Exact; panics on overflow in every build profile, where `checked_add` returns `None`.
        impl ::core::ops::Add for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn add(self, __other: Self) -> Self {
                $crate::__decimal!(@exact self.checked_add(__other), $name)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_sub` returns `None`.
        impl ::core::ops::Sub for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn sub(self, __other: Self) -> Self {
                $crate::__decimal!(@exact self.checked_sub(__other), $name)
            }
        }

        /// By an integer, or by another decimal; panics on overflow in every build profile, where `checked_mul` returns
        /// `None`.
        impl<__T: $crate::__private::DecimalFactor<$name>> ::core::ops::Mul<__T> for $name {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn mul(self, __factor: __T) -> Self {
                $crate::__decimal!(@exact self.checked_mul(__factor), $name)
            }
        }

        /// Exact; panics on overflow in every build profile, where `checked_neg` returns `None`.
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
