//! Numbers as contracts write them: decimal, `0x`, `0o` and `0b`, with `_` between digits; exact, up to 256 bits.

use std::cmp::Ordering;

use crate::model::{Literal, Schema, Type, TypeKind};

/// A whole number between -2^256 and 2^256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    negative: bool,
    /// Little-endian limbs.
    magnitude: [u64; 4],
}

impl Integer {
    /// Parses a whole number; `None` if the text is not one, or has more than 256 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = split_sign(text);
        let (radix, digits) = match digits.get(..2) {
            Some("0x" | "0X") => (16, &digits[2..]),
            Some("0o" | "0O") => (8, &digits[2..]),
            Some("0b" | "0B") => (2, &digits[2..]),
            _ => (10, digits),
        };
        let mut number = Self { negative: false, magnitude: [0; 4] };
        for digit in plain_digits(digits)?.chars() {
            number.push_digit(radix, digit.to_digit(radix)?)?;
        }
        number.negative = negative && number.magnitude != [0; 4];
        Some(number)
    }

    /// Sets `self × radix + digit`; `None` if that has more than 256 bits.
    fn push_digit(&mut self, radix: u32, digit: u32) -> Option<()> {
        let mut carry = u128::from(digit);
        for limb in &mut self.magnitude {
            let wide = u128::from(*limb) * u128::from(radix) + carry;
            *limb = wide as u64;
            carry = wide >> 64;
        }
        (carry == 0).then_some(())
    }

    /// The number as an `i128`, if it fits.
    pub fn to_i128(self) -> Option<i128> {
        let [low, high, 0, 0] = self.magnitude else { return None };
        let magnitude = u128::from(low) | u128::from(high) << 64;
        if self.negative { 0_i128.checked_sub_unsigned(magnitude) } else { i128::try_from(magnitude).ok() }
    }

    /// The order of two numbers.
    pub(crate) fn compare(self, other: Self) -> Ordering {
        let magnitudes = self.magnitude.iter().rev().cmp(other.magnitude.iter().rev());
        match (self.negative, other.negative) {
            (false, false) => magnitudes,
            (true, true) => magnitudes.reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// The number of bits of the magnitude.
    pub(crate) fn bits(self) -> u32 {
        let leading: u32 = match self.magnitude {
            [_, _, _, high] if high != 0 => high.leading_zeros(),
            [_, _, high, _] if high != 0 => 64 + high.leading_zeros(),
            [_, high, ..] if high != 0 => 128 + high.leading_zeros(),
            [low, ..] => 192 + low.leading_zeros(),
        };
        256 - leading
    }

    /// The magnitude as little-endian bytes.
    pub fn to_le_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.magnitude) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }
}

/// Why text is not a fixed-point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// It is not a number.
    NotANumber,
    /// It has more digits after the point than the scale.
    TooManyDigits,
    /// It does not fit an `i128`.
    TooLarge,
}

/// Parses `12.5` as `12.5 × 10^scale`, exactly.
pub fn parse_decimal(text: &str, scale: u32) -> Result<i128, DecimalError> {
    let (negative, digits) = split_sign(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let whole = plain_digits(whole).ok_or(DecimalError::NotANumber)?;
    let fraction = plain_digits(fraction).ok_or(DecimalError::NotANumber)?;
    if !whole.bytes().chain(fraction.bytes()).all(|digit| digit.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let padding = (scale as usize).checked_sub(fraction.len()).ok_or(DecimalError::TooManyDigits)?;
    let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', padding));
    let mut raw: i128 = 0;
    for digit in digits {
        let digit = i128::from(digit - b'0');
        raw = raw.checked_mul(10).and_then(|raw| raw.checked_add(digit)).ok_or(DecimalError::TooLarge)?;
    }
    Ok(if negative { -raw } else { raw })
}

/// Writes `raw / 10^scale`, without trailing zeros.
pub fn decimal_text(raw: i128, scale: u32) -> String {
    let digits = format!("{:0>width$}", raw.unsigned_abs(), width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    let (sign, fraction) = (if raw < 0 { "-" } else { "" }, fraction.trim_end_matches('0'));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A bound as contracts write it.
pub fn bound_text(schema: &Schema, ty: &Type, value: &Literal) -> String {
    let scale = match schema.resolve(ty) {
        Type::Named(id) => match schema.type_def(*id).kind {
            TypeKind::Decimal { scale, .. } => scale,
            _ => 0,
        },
        _ => 0,
    };
    match value {
        Literal::Int(value) if scale > 0 => decimal_text(*value, scale),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => value.strip_suffix(".0").unwrap_or(value).to_owned(),
        Literal::Wide(bytes) => match (u128_of(bytes.split_at(16).1), u128_of(bytes)) {
            (0, low) => low.to_string(),
            (high, low) => format!("{high:#x}{low:032x}"),
        },
        _ => String::new(),
    }
}

/// The order of two numbers of one type.
pub(crate) fn compare(left: &Literal, right: &Literal) -> Option<Ordering> {
    match (left, right) {
        (Literal::Int(left), Literal::Int(right)) => Some(left.cmp(right)),
        (Literal::Wide(left), Literal::Wide(right)) => Some(compare_wide(left, right)),
        (Literal::Wide(_), Literal::Int(_)) => Some(Ordering::Greater),
        (Literal::Int(_), Literal::Wide(_)) => Some(Ordering::Less),
        (Literal::Float(left), Literal::Float(right)) => {
            left.parse::<f64>().ok()?.partial_cmp(&right.parse::<f64>().ok()?)
        }
        _ => None,
    }
}

/// Parses a floating-point number, including `.inf` and `.nan` of YAML.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    if let Some(integer) = Integer::parse(text).and_then(Integer::to_i128) {
        return Some(integer as f64);
    }
    let (negative, digits) = split_sign(text);
    let value = match digits {
        ".inf" | ".Inf" | ".INF" => f64::INFINITY,
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        _ if digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
            digits.replace('_', "").parse().ok()?
        }
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

/// The order of two magnitudes in little-endian bytes.
pub(crate) fn compare_wide(left: &[u8; 32], right: &[u8; 32]) -> Ordering {
    left.iter().rev().cmp(right.iter().rev())
}

/// The two's complement of a number in 16 little-endian bytes, followed by 16 zero bytes.
pub(crate) fn wide_bytes(value: i128) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&value.to_le_bytes());
    bytes
}

/// The first 16 bytes as a little-endian integer.
pub fn u128_of(bytes: &[u8]) -> u128 {
    bytes.iter().take(16).rev().fold(0, |value, byte| value << 8 | u128::from(*byte))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The digits without `_`, which is only allowed between digits.
fn plain_digits(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if text.is_empty() || text.starts_with('_') || text.ends_with('_') {
        return None;
    }
    Some(if text.contains('_') { text.replace('_', "").into() } else { text.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<i128> {
        Integer::parse(text).and_then(Integer::to_i128)
    }

    #[test]
    fn whole_numbers_are_read_in_every_spelling() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("1_000_000", 1_000_000),
            ("0x4D59_4345", 0x4D59_4345),
            ("0b1010", 10),
            ("0o17", 15),
            ("+7", 7),
            ("-128", -128),
            ("0010", 10),
            ("170141183460469231731687303715884105727", i128::MAX),
            ("-170141183460469231731687303715884105728", i128::MIN),
        ] {
            assert_eq!(whole(text), Some(value), "{text}");
        }
        for text in ["", "-", "0x", "1.0", "1e3", "a", "_1", "1_", "0xg", "--1", "٣", "1 2"] {
            assert_eq!(Integer::parse(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_have_an_order() {
        let sorted = ["-0x1_0000_0000_0000_0000", "-2", "-1", "0", "1", "2", "0x1_0000_0000_0000_0000"];
        let sorted = sorted.map(|text| Integer::parse(text).unwrap());
        for (at, left) in sorted.iter().enumerate() {
            for (other, right) in sorted.iter().enumerate() {
                assert_eq!(left.compare(*right), at.cmp(&other), "{left:?} {right:?}");
            }
        }
    }

    #[test]
    fn numbers_go_up_to_256_bits() {
        let max = "0x".to_owned() + &"f".repeat(64);
        let number = Integer::parse(&max).unwrap();
        assert_eq!((number.bits(), number.to_le_bytes(), number.to_i128()), (256, [0xff; 32], None));
        assert_eq!(Integer::parse(&format!("{max}0")), None);
        assert_eq!(Integer::parse(&"9".repeat(100_000)), None);
        assert_eq!(Integer::parse("0x1_0000_0000_0000_0000").unwrap().bits(), 65);
        assert_eq!(Integer::parse("0").unwrap().bits(), 0);
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse_decimal("0.000001", 6), Ok(1));
        assert_eq!(parse_decimal("-1.5", 6), Ok(-1_500_000));
        assert_eq!(parse_decimal("1_000", 2), Ok(100_000));
        assert_eq!(parse_decimal("1.50", 1), Ok(15));
        assert_eq!(parse_decimal("0.0000001", 6), Err(DecimalError::TooManyDigits));
        assert_eq!(parse_decimal(&"9".repeat(60), 6), Err(DecimalError::TooLarge));
        for text in ["", ".", "1.", ".5", "1e3", "abc", "1.2.3", "0x1"] {
            assert_eq!(parse_decimal(text, 6), Err(DecimalError::NotANumber), "{text}");
        }
    }

    #[test]
    fn decimals_are_written_as_they_are_read() {
        for (raw, scale, text) in [
            (0, 0, "0"),
            (0, 6, "0"),
            (5, 1, "0.5"),
            (-15, 1, "-1.5"),
            (1_500_000, 6, "1.5"),
            (7, 18, "0.000000000000000007"),
        ] {
            assert_eq!(decimal_text(raw, scale), text);
            assert_eq!(parse_decimal(text, scale), Ok(raw));
        }
    }

    #[test]
    fn floats_are_read_as_yaml_writes_them() {
        for (text, value) in [("1", 1.0), ("-2.5", -2.5), (".5", 0.5), ("1e3", 1000.0), ("-.inf", f64::NEG_INFINITY)] {
            assert_eq!(parse_float(text), Some(value), "{text}");
        }
        assert!(parse_float(".nan").is_some_and(f64::is_nan));
        for text in ["", "nan", "inf", "infinity", "abc", "1.2.3"] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }
}
