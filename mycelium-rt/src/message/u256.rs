//! Unsigned 256-bit integers.

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::filler::Filler;

/// An unsigned 256-bit integer in a message: four 64-bit limbs, the lowest one first. For storing, comparing and
/// printing; it has no arithmetic.
///
/// ```
/// use mycelium_rt::U256;
///
/// let amount = U256::from(1_000_000); // the only `From` of an integer, so that a literal needs no suffix
/// assert_eq!(U256::from_be_bytes(amount.to_be_bytes()), amount);
/// assert_eq!(amount.to_string(), "1000000");
/// assert_eq!(format!("{amount:#x}"), "0xf4240");
/// assert_eq!("0xf4240".parse(), Ok(amount));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct U256 {
    limbs: [u64; 4],
}

/// Text that is not a [`U256`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseU256Error {
    /// No digits.
    Empty,
    /// A character that is not a digit of the number's base.
    Digit,
    /// At least 2^256.
    TooLarge,
}

impl fmt::Display for ParseU256Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a number needs at least one digit"),
            Self::Digit => f.write_str("a number has only digits, hexadecimal ones after `0x`"),
            Self::TooLarge => f.write_str("a number of 256 bits is less than 2^256"),
        }
    }
}

impl core::error::Error for ParseU256Error {}

impl U256 {
    /// Zero.
    pub const ZERO: Self = Self { limbs: [0; 4] };
    /// The largest value, 2^256 - 1.
    pub const MAX: Self = Self { limbs: [u64::MAX; 4] };

    /// From a native integer.
    pub const fn from_u128(value: u128) -> Self {
        Self::from_words(0, value)
    }

    /// From its upper and lower 128 bits.
    pub const fn from_words(high: u128, low: u128) -> Self {
        Self { limbs: [low_half(low), low_half(low >> 64), low_half(high), low_half(high >> 64)] }
    }

    /// From 32 bytes, the lowest one first.
    pub const fn from_le_bytes(bytes: [u8; 32]) -> Self {
        let mut limbs = [0; 4];
        let mut index = 0;
        while index < 32 {
            limbs[index / 8] |= (bytes[index] as u64) << (8 * (index % 8));
            index += 1;
        }
        Self { limbs }
    }

    /// From 32 bytes, the highest one first.
    pub const fn from_be_bytes(bytes: [u8; 32]) -> Self {
        let mut reversed = [0; 32];
        let mut index = 0;
        while index < 32 {
            reversed[31 - index] = bytes[index];
            index += 1;
        }
        Self::from_le_bytes(reversed)
    }

    /// To 32 bytes, the lowest one first.
    pub fn to_le_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.limbs) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// To 32 bytes, the highest one first.
    pub fn to_be_bytes(self) -> [u8; 32] {
        let mut bytes = self.to_le_bytes();
        bytes.reverse();
        bytes
    }

    /// `self * factor + addend`, or `None` from 2^256 on.
    fn multiply_add(self, factor: u64, addend: u64) -> Option<Self> {
        let mut carry = u128::from(addend);
        let mut limbs = self.limbs;
        for limb in &mut limbs {
            carry += u128::from(*limb) * u128::from(factor);
            *limb = low_half(carry);
            carry >>= 64;
        }
        (carry == 0).then_some(Self { limbs })
    }

    /// The quotient and the remainder of a division; the divisor is not zero.
    fn divide(self, divisor: u64) -> (Self, u64) {
        let mut remainder = 0;
        let mut limbs = self.limbs;
        for limb in limbs.iter_mut().rev() {
            let value = u128::from(remainder) << 64 | u128::from(*limb);
            *limb = low_half(value / u128::from(divisor));
            remainder = low_half(value % u128::from(divisor));
        }
        (Self { limbs }, remainder)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "takes the lower half")]
const fn low_half(value: u128) -> u64 {
    value as u64
}

impl From<u128> for U256 {
    fn from(value: u128) -> Self {
        Self::from_u128(value)
    }
}

/// Returns the value itself if it does not fit.
impl TryFrom<U256> for u128 {
    type Error = U256;

    fn try_from(value: U256) -> Result<Self, U256> {
        match value.limbs {
            [low, high, 0, 0] => Ok(Self::from(high) << 64 | Self::from(low)),
            _ => Err(value),
        }
    }
}

impl Filler for U256 {
    const FILLER: Self = Self::ZERO;
}

impl Ord for U256 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.limbs.iter().rev().cmp(other.limbs.iter().rev())
    }
}

impl PartialOrd for U256 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Decimal digits, or hexadecimal ones after `0x`; underscores may separate them.
impl FromStr for U256 {
    type Err = ParseU256Error;

    fn from_str(text: &str) -> Result<Self, ParseU256Error> {
        let (digits, base) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
        let mut value = Self::ZERO;
        let mut is_empty = true;
        for digit in digits.chars().filter(|character| *character != '_') {
            let digit = digit.to_digit(base).ok_or(ParseU256Error::Digit)?;
            value = value.multiply_add(base.into(), digit.into()).ok_or(ParseU256Error::TooLarge)?;
            is_empty = false;
        }
        if is_empty { Err(ParseU256Error::Empty) } else { Ok(value) }
    }
}

/// Without leading zeros; `{:#x}` adds `0x`.
impl fmt::LowerHex for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(*self, 16, "0x", f)
    }
}

impl fmt::Display for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(*self, 10, "", f)
    }
}

/// In hexadecimal, the usual notation of 256-bit numbers.
impl fmt::Debug for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#x}")
    }
}

const HEX_DIGITS: [u8; 16] = *b"0123456789abcdef";

/// 2^256 has 78 decimal digits.
fn print(value: U256, base: u64, prefix: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [b'0'; 78];
    let mut rest = value;
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        let (quotient, digit) = rest.divide(base);
        *slot = HEX_DIGITS[(digit % 16) as usize];
        rest = quotient;
        used += 1;
        if rest == U256::ZERO {
            break;
        }
    }
    let text = digits.get(digits.len() - used..).and_then(|text| core::str::from_utf8(text).ok());
    f.pad_integral(true, prefix, text.unwrap_or_default())
}
