//! The values of a field in one version: those of its type, as far as its rules let them through.

use crate::lock::snapshot::{Attribute, FieldFacts, Shape, Snapshot};
use crate::number;
use crate::rules::allowed::{Allowed, MAX_SCALE, Numbers};

/// The values of a field by all of its rules.
pub(super) fn allowed(field: &FieldFacts, snapshot: &Snapshot) -> Allowed {
    let ty = snapshot.underlying(&field.ty.value);
    let rules = field.attributes.iter().filter_map(|(attribute, value)| match attribute {
        Attribute::Rule(rule) => Some((*rule, value.value.as_str())),
        _ => None,
    });
    Allowed::by(numbers(ty, snapshot), bound(ty).unwrap_or(u64::MAX), rules)
}

/// The numbers of a type.
fn numbers(ty: &str, snapshot: &Snapshot) -> Numbers {
    let whole = |(least, largest): (&str, &str)| Numbers {
        limits: Some((least.to_owned(), largest.to_owned())),
        step: Some("1".to_owned()),
        largest_float: None,
    };
    let float = |largest| Numbers { largest_float: Some(largest), ..Numbers::default() };
    match (ty, snapshot.types.get(ty).map(|ty| &ty.shape)) {
        ("f32", _) => float("3.4028234663852886e38"),
        ("f64", _) => float("1.7976931348623157e308"),
        (_, Some(Shape::Decimal { repr, scale })) => decimal(repr, *scale),
        _ => whole_limits(ty).map_or_else(Numbers::default, whole),
    }
}

fn decimal(repr: &str, scale: u32) -> Numbers {
    let text = |units: &str| {
        let units = units.parse().ok().filter(|_| scale <= MAX_SCALE)?;
        Some(number::decimal_text(units, scale))
    };
    let limits = whole_limits(repr).and_then(|(least, largest)| text(least).zip(text(largest)));
    Numbers { limits, step: text("1"), largest_float: None }
}

/// The smallest and the largest whole number of a built-in type.
fn whole_limits(ty: &str) -> Option<(&'static str, &'static str)> {
    Some(match ty {
        "u8" => ("0", "255"),
        "u16" => ("0", "65535"),
        "u32" => ("0", "4294967295"),
        "u64" | "timestamp_ns" => ("0", "18446744073709551615"),
        "u128" => ("0", "0xffffffffffffffffffffffffffffffff"),
        "u256" => ("0", "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        "i8" => ("-128", "127"),
        "i16" => ("-32768", "32767"),
        "i32" => ("-2147483648", "2147483647"),
        "i64" | "duration_ns" => ("-9223372036854775808", "9223372036854775807"),
        "i128" => ("-0x80000000000000000000000000000000", "0x7fffffffffffffffffffffffffffffff"),
        _ => return None,
    })
}

/// The bound of text, bytes or a list.
fn bound(ty: &str) -> Option<u64> {
    ty.rsplit_once("<=")?.1.parse().ok()
}
