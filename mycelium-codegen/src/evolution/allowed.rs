//! Which values the type and the rules of a field allow together, as far as a rule of the other version asks.
//!
//! Rules are told by what they do and not by how they are written: `not_empty` and `min_length: 1` allow the same, and so do
//! `not_zero` and `min: 1` of an unsigned field. Where the two can't be compared, which only happens with locks that were edited
//! by hand, they count as different.

use std::cmp::Ordering;

use crate::lock::snapshot::{Attribute, FieldFacts, Shape, Snapshot};
use crate::number::{self, Integer};

/// Digits after the point of any decimal; those that fit 64 bits fit 128 with as many as that.
const MAX_SCALE: u32 = 18;

/// The values of a field. Limits are texts, as a lock has them.
pub(super) struct Allowed {
    /// None where there is no smallest value.
    low: Option<String>,
    high: Option<String>,
    zero: bool,
    nan: bool,
    shortest: u64,
    longest: u64,
}

impl Allowed {
    /// The values of a field by all of its rules.
    pub(super) fn of(field: &FieldFacts, snapshot: &Snapshot) -> Self {
        let numbers = Numbers::of(&field.ty.value, snapshot);
        let mut allowed = Self { nan: numbers.largest_float.is_some(), ..Self::any() };
        (allowed.low, allowed.high) = numbers.limits.clone().unzip();
        allowed.longest = bound(snapshot.underlying(&field.ty.value)).unwrap_or(u64::MAX);
        for (attribute, value) in &field.attributes {
            allowed.narrow(*attribute, &value.value, &numbers);
        }
        allowed.without_zero(&numbers);
        allowed
    }

    fn any() -> Self {
        Self { low: None, high: None, zero: true, nan: false, shortest: 0, longest: u64::MAX }
    }

    fn narrow(&mut self, attribute: Attribute, value: &str, numbers: &Numbers) {
        let length = || value.parse::<u64>().ok();
        match attribute {
            Attribute::Min => {
                self.nan = false;
                raise(&mut self.low, value);
            }
            Attribute::Max => {
                self.nan = false;
                lower(&mut self.high, value);
            }
            Attribute::Finite => {
                self.nan = false;
                if let Some(largest) = numbers.largest_float {
                    raise(&mut self.low, &format!("-{largest}"));
                    lower(&mut self.high, largest);
                }
            }
            Attribute::NotZero => self.zero = false,
            Attribute::NotEmpty => self.shortest = self.shortest.max(1),
            Attribute::MinLength => self.shortest = self.shortest.max(length().unwrap_or(0)),
            Attribute::MaxLength => self.longest = self.longest.min(length().unwrap_or(u64::MAX)),
            Attribute::Default | Attribute::Unit | Attribute::Deprecated | Attribute::Redacted => {}
        }
    }

    /// A limit of zero that is not allowed itself is one of the next number.
    fn without_zero(&mut self, numbers: &Numbers) {
        let is_zero = |limit: &Option<String>| order(limit.as_deref(), "0") == Some(Ordering::Equal);
        if let (false, Some(step)) = (self.zero, &numbers.step) {
            if is_zero(&self.low) {
                self.low = Some(step.clone());
            }
            if is_zero(&self.high) {
                self.high = Some(format!("-{step}"));
            }
        }
    }

    /// Whether all of these values keep a rule.
    pub(super) fn keep(&self, rule: Attribute, value: &str) -> bool {
        let length = value.parse::<u64>().ok();
        let above = |least: &str| order(self.low.as_deref(), least).is_some_and(Ordering::is_ge);
        let below = |largest: &str| order(self.high.as_deref(), largest).is_some_and(Ordering::is_le);
        match rule {
            Attribute::Min => !self.nan && above(value),
            Attribute::Max => !self.nan && below(value),
            Attribute::Finite => !self.nan && self.low.is_some() && self.high.is_some(),
            Attribute::NotZero => {
                let is_beyond = |limit: &Option<String>, side| order(limit.as_deref(), "0") == Some(side);
                !self.zero || is_beyond(&self.low, Ordering::Greater) || is_beyond(&self.high, Ordering::Less)
            }
            Attribute::NotEmpty => self.shortest > 0,
            Attribute::MinLength => length.is_some_and(|least| self.shortest >= least),
            Attribute::MaxLength => length.is_some_and(|most| self.longest <= most),
            Attribute::Default | Attribute::Unit | Attribute::Deprecated | Attribute::Redacted => true,
        }
    }
}

/// The numbers of a type.
struct Numbers {
    /// The smallest and the largest; none of floats, which reach to the infinities, and of what is no number.
    limits: Option<(String, String)>,
    /// The smallest one above zero, where numbers have a distance.
    step: Option<String>,
    /// The largest one that is finite, of floats.
    largest_float: Option<&'static str>,
}

impl Numbers {
    fn of(ty: &str, snapshot: &Snapshot) -> Self {
        let whole = |(least, largest): (&str, &str)| Self {
            limits: Some((least.to_owned(), largest.to_owned())),
            step: Some("1".to_owned()),
            largest_float: None,
        };
        let float = |largest| Self { limits: None, step: None, largest_float: Some(largest) };
        let ty = snapshot.underlying(ty);
        match (ty, snapshot.types.get(ty).map(|ty| &ty.shape)) {
            ("f32", _) => float("3.4028234663852886e38"),
            ("f64", _) => float("1.7976931348623157e308"),
            (_, Some(Shape::Decimal { repr, scale })) => Self::decimal(repr, *scale),
            _ => whole_limits(ty).map_or(Self { limits: None, step: None, largest_float: None }, whole),
        }
    }

    fn decimal(repr: &str, scale: u32) -> Self {
        let text = |units: &str| {
            let units = units.parse().ok().filter(|_| scale <= MAX_SCALE)?;
            Some(number::decimal_text(units, scale))
        };
        let limits = whole_limits(repr).and_then(|(least, largest)| text(least).zip(text(largest)));
        Self { limits, step: text("1"), largest_float: None }
    }
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

fn raise(low: &mut Option<String>, limit: &str) {
    if order(low.as_deref(), limit).is_none_or(Ordering::is_lt) {
        *low = Some(limit.to_owned());
    }
}

fn lower(high: &mut Option<String>, limit: &str) {
    if order(high.as_deref(), limit).is_none_or(Ordering::is_gt) {
        *high = Some(limit.to_owned());
    }
}

/// Compares two limits: exactly where both are whole or decimals, else as floats.
fn order(left: Option<&str>, right: &str) -> Option<Ordering> {
    let left = left?;
    if let (Some(left), Some(right)) = (Integer::parse(left), Integer::parse(right)) {
        return Some(left.compare(right));
    }
    if let (Ok(left), Ok(right)) = (number::parse_decimal(left, MAX_SCALE), number::parse_decimal(right, MAX_SCALE)) {
        return Some(left.cmp(&right));
    }
    number::parse_float(left)?.partial_cmp(&number::parse_float(right)?)
}
