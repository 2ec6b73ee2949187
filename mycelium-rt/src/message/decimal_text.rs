//! Decimals as text.

use core::fmt;

use super::ParseDecimalError;
use super::decimal::{Decimal, narrow};

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

/// Prints with all digits of the scale, so that parsing gives the same value. Width, fill and sign are honoured.
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
