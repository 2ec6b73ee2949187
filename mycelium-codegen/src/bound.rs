//! Numbers of the contract as people write them.

use std::cmp::Ordering;

use crate::model::{Literal, Schema, Type, TypeKind};
use crate::number::compare_wide;

/// A bound as the contract would write it.
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

/// Which of two numbers of one type is larger.
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

/// A fixed-point number without zeros at its end.
pub fn decimal_text(units: i128, scale: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let unit = 10_u128.pow(scale);
    let (whole, rest) = (units.unsigned_abs() / unit, units.unsigned_abs() % unit);
    let digits = format!("{rest:0width$}", width = scale as usize);
    match digits.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{digits}"),
    }
}

/// The two's complement of a number in 32 little-endian bytes, but for the bytes beyond its own 16, which are zero.
pub(crate) fn wide_bytes(value: i128) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&value.to_le_bytes());
    bytes
}

/// A little-endian integer; bytes beyond the 16th don't count.
pub fn u128_of(bytes: &[u8]) -> u128 {
    bytes.iter().take(16).rev().fold(0, |value, byte| value << 8 | u128::from(*byte))
}
