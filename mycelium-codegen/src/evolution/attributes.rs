//! Attributes of fields: their default, rules, unit and marks.
//!
//! Rules are compared by the values that a field may have under all of them together, in each version, and not by how they are
//! written: `not_zero` of a `u32` and `min: 1` are the same.

use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Attribute, FieldFacts, Shape, Snapshot};
use crate::number;
use crate::rules::Rule;
use crate::rules::allowed::{Allowed, MAX_SCALE, Numbers};
use crate::source::{Span, Spanned};

/// Whether a change of a rule allows fewer values or more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Fewer,
    More,
}

impl<'a> Comparison<'a> {
    pub(super) fn attributes(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let (before, after) = (allowed(then, self.then), allowed(now, self.now));
        for attribute in Attribute::all() {
            let (old, new) = (then.attribute(attribute), now.attribute(attribute));
            match attribute {
                Attribute::Default => self.default(message, then, now),
                Attribute::Unit => self.unit(message, then, now),
                Attribute::Deprecated | Attribute::Redacted => match (old, new) {
                    (Some(old), None) => self.mark_dropped(message, attribute, old.span, now),
                    (None, Some(new)) => self.field_mark(message, attribute, new.span, now),
                    _ => {}
                },
                Attribute::Rule(_) if old.map(|old| &old.value) == new.map(|new| &new.value) => {}
                Attribute::Rule(rule) if new.is_some_and(|new| !before.keep(rule, &new.value)) => {
                    self.rule(message, rule, Turn::Fewer, then, now);
                }
                Attribute::Rule(rule) if old.is_some_and(|old| !after.keep(rule, &old.value)) => {
                    self.rule(message, rule, Turn::More, then, now);
                }
                Attribute::Rule(_) => {}
            }
        }
    }

    fn rule(&mut self, message: &'a str, rule: &'static Rule, turn: Turn, then: &FieldFacts, now: &FieldFacts) {
        let (field, attribute) = (&now.name.value, Attribute::Rule(rule));
        let rule = rule.key;
        let label = |value: Option<&Spanned<String>>, time: &str| match value {
            Some(value) => format!("{time} `{rule}: {}`", value.value),
            None => format!("{time} without `{rule}`"),
        };
        let (old, new) = (then.attribute(attribute), now.attribute(attribute));
        let (code, text, help) = if turn == Turn::Fewer {
            let help = "keep the rule: values that are now refused may be in transit or in files";
            (Code::RuleTightened, "refuses values that it allowed", help)
        } else {
            let help = "keep the rule, and add a field with another one: older programs close the connection at a value that they refuse";
            (Code::RuleRelaxed, "allows values that older programs refuse", help)
        };
        let report = Report::new(code, format!("field `{field}` of `{message}` {text}"))
            .now(new.map_or(now.name.span, |new| new.span), label(new, "now"))
            .then(old.map_or(then.name.span, |old| old.span), label(old, "was"));
        self.report_in(message, report.help(help));
    }

    fn unit(&mut self, message: &str, then: &FieldFacts, now: &FieldFacts) {
        let (old, new) = (then.attribute(Attribute::Unit), now.attribute(Attribute::Unit));
        if old.map(|old| &old.value) == new.map(|new| &new.value) {
            return;
        }
        let (Some(old), place) = (old, new.map_or(now.name.span, |new| new.span)) else {
            return self.field_mark(message, Attribute::Unit, new.map_or(now.name.span, |new| new.span), now);
        };
        let field = &now.name.value;
        let text = match new {
            Some(new) => {
                format!("the unit of field `{field}` of `{message}` changed from {} to {}", old.value, new.value)
            }
            None => format!("field `{field}` of `{message}` no longer has the unit {}", old.value),
        };
        let report = Report::new(Code::UnitChanged, text).now(place, "now").then(old.span, "before");
        self.report(
            report.help("if the numbers have another meaning now, add a field instead: no program can tell them apart"),
        );
    }

    fn mark_dropped(&mut self, message: &str, attribute: Attribute, then: Span, now: &FieldFacts) {
        let name = &now.name.value;
        let (code, text, help) = if attribute == Attribute::Deprecated {
            (Code::DeprecationDropped, "deprecated", "keep `deprecated`, unless the field is to stay")
        } else {
            (Code::RedactionDropped, "kept out of logs", "keep the mark, unless the value is no longer secret")
        };
        let report = Report::new(code, format!("field `{name}` of `{message}` is no longer {text}"));
        self.report(report.now(now.name.span, "now").then(then, "before").help(help));
    }
}

/// Defaults.
impl<'a> Comparison<'a> {
    /// The default of a field that was added later also fills older bodies, which lack the field. The default of a first field only
    /// fills fields that are not set.
    fn default(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let (old, new) = (then.attribute(Attribute::Default), now.attribute(Attribute::Default));
        let is_same = match (old, new) {
            (None, None) => true,
            (Some(old), Some(new)) => zero(&old.value) == zero(&new.value),
            (Some(old), None) => self.is_implied(&old.value, now, self.now),
            (None, Some(new)) => self.is_implied(&new.value, then, self.then),
        };
        if is_same {
            return;
        }
        let is_widened = then.since.value > self.now.min_compatible.value;
        let (code, help) = if is_widened {
            let help = "keep the default: it fills the field in bodies of older programs, which lack it";
            (Code::DefaultChanged, help)
        } else {
            (Code::FirstDefaultChanged, "rebuilt programs send the new default where they don't set the field")
        };
        let shown =
            |default: Option<&Spanned<String>>| default.map_or("none".to_owned(), |it| format!("`{}`", it.value));
        let text = format!("the default of field `{}` of `{message}` changed", now.name.value);
        let report = Report::new(code, text)
            .now(new.map_or(now.name.span, |new| new.span), format!("now {}", shown(new)))
            .then(old.map_or(then.name.span, |old| old.span), format!("was {}", shown(old)));
        self.report_in(message, report.help(help));
    }

    /// Whether a default is the value that the field has without one: zero, empty, or the first variant. An optional field without a
    /// default is absent.
    fn is_implied(&self, default: &str, field: &FieldFacts, snapshot: &Snapshot) -> bool {
        if field.optional {
            return false;
        }
        let ty = snapshot.underlying(&field.ty.value);
        let Some(element) = element(ty) else { return zero(default) == self.first_of(ty, snapshot) };
        let mut ty = snapshot.underlying(element);
        while let Some(element) = self::element(ty) {
            ty = snapshot.underlying(element);
        }
        let first = self.first_of(ty, snapshot);
        default.split(['[', ']', ',', ' ']).filter(|item| !item.is_empty()).all(|item| zero(item) == first)
    }

    /// The value of a type without elements if there is no default, in the form of [`zero`].
    fn first_of(&self, ty: &str, snapshot: &Snapshot) -> String {
        let Some(Shape::Enum { open: false, variants, first, .. }) = snapshot.types.get(ty).map(|ty| &ty.shape) else {
            return "0".to_owned();
        };
        // A lock records the first variant only if it fills something.
        let now = match self.now.types.get(ty).map(|ty| &ty.shape) {
            Some(Shape::Enum { first, .. }) => *first,
            _ => None,
        };
        let lowest = variants.first().map(|variant| variant.value);
        first.or(now).or(lowest).unwrap_or_default().to_string()
    }
}

/// The type of an array's elements.
fn element(ty: &str) -> Option<&str> {
    let (element, _) = ty.strip_prefix('[')?.strip_suffix(']')?.rsplit_once(';')?;
    Some(element.trim())
}

/// One form for all defaults that mean zero or empty. `-0.0` is not one of them, since its sign is sent.
fn zero(text: &str) -> &str {
    match text {
        "0" | "0.0" | "false" | "\"\"" | "[]" | "0x" => "0",
        other => other,
    }
}

/// The values of a field in one version: those of its type that all of its rules allow.
fn allowed(field: &FieldFacts, snapshot: &Snapshot) -> Allowed {
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
