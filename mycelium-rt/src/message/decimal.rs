//! Exact decimal numbers: the arithmetic behind every `decimal` type of a contract.
//!
//! A decimal is an integer of 8 to 64 bits that counts units of 10^-SCALE. All of it is computed in `i128`, in which no
//! product of two of them that fits in the end can overflow: 2^64 · 10^18 < 2^127.

use thiserror::Error;

/// Text that is no value of a decimal type.
///
/// Generated decimals implement `FromStr` with it: `"101.25".parse::<Price>()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseDecimalError {
    /// No digits.
    #[error("a decimal needs at least one digit")]
    Empty,
    /// Something that is no digit, sign or point, or stands where it must not.
    #[error("a decimal has an optional sign, digits, and at most one point")]
    Syntax,
    /// More digits after the point than the type has, and they are not zero.
    #[error("the type has only {scale} digits after the point")]
    TooPrecise {
        /// The digits that the type has.
        scale: u32,
    },
    /// Beyond the type's smallest or largest value.
    #[error("the number is out of the range of its type")]
    OutOfRange,
}

/// A decimal type of a contract.
pub trait Decimal: Copy {
    /// The integer that holds it.
    type Repr: DecimalRepr;
    /// Digits after the point, at most 18.
    const SCALE: u32;

    /// The number of units.
    fn raw(self) -> Self::Repr;

    /// So many units.
    fn from_raw(raw: Self::Repr) -> Self;
}

/// An integer that can hold a decimal.
pub trait DecimalRepr: Copy + Into<i128> + TryFrom<i128> {}

impl<T: Copy + Into<i128> + TryFrom<i128>> DecimalRepr for T {}

/// What a decimal can be multiplied by: itself, or its integer.
pub trait DecimalFactor<D> {
    /// The product, or `None` if it is out of range.
    fn times(self, decimal: D) -> Option<D>;
}

/// 10^SCALE.
pub(super) const fn unit<D: Decimal>() -> i128 {
    10_i128.pow(D::SCALE)
}

/// From `i128`, if it fits.
pub(super) fn narrow<D: Decimal>(raw: i128) -> Option<D> {
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
