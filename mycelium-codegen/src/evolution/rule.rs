//! What is said of a field besides its type: rules, its default, its unit.

use std::cmp::Ordering;

use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Attribute, FieldFacts};
use crate::number::{self, Integer};
use crate::source::{Span, Spanned};

/// Digits after the point of any decimal; those that fit 64 bits fit 128 with as many as that.
const MAX_SCALE: u32 = 18;

/// Which values a rule lets through that it did not before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Same,
    Fewer,
    More,
}

impl<'a> Comparison<'a> {
    pub(super) fn attributes(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        for attribute in Attribute::ALL {
            let (old, new) = (then.attribute(attribute), now.attribute(attribute));
            match attribute {
                Attribute::Default => self.default(message, then, now),
                Attribute::Unit => self.unit(message, then, now),
                Attribute::Deprecated | Attribute::Redacted => match (old, new) {
                    (Some(old), None) => self.mark_dropped(message, attribute, old.span, now),
                    (None, Some(new)) => self.field_mark(message, attribute, new.span, now),
                    _ => {}
                },
                _ => {
                    let turn = turn(attribute, old, new);
                    if turn != Turn::Same {
                        self.rule(message, attribute, turn, then, now);
                    }
                }
            }
        }
    }

    fn rule(&mut self, message: &'a str, attribute: Attribute, turn: Turn, then: &FieldFacts, now: &FieldFacts) {
        let (field, rule) = (&now.name.value, attribute.name());
        let said = |value: Option<&Spanned<String>>, word: &str| match value {
            Some(value) => format!("{word} `{rule}: {}`", value.value),
            None => format!("{word} without `{rule}`"),
        };
        let (old, new) = (then.attribute(attribute), now.attribute(attribute));
        let (code, text, help) = if turn == Turn::Fewer {
            let help = "keep the rule; what is refused from now on may be on its way, or in a file";
            (Code::RuleTightened, "refuses values that it allowed", help)
        } else {
            let help = "keep the rule: programs built before close the connection at a value that it refuses; a new field can have another";
            (Code::RuleRelaxed, "allows values that older programs refuse", help)
        };
        let report = Report::new(code, format!("field `{field}` of `{message}` {text}"))
            .now(new.map_or(now.name.span, |new| new.span), said(new, "now"))
            .then(old.map_or(then.name.span, |old| old.span), said(old, "then"));
        self.report_in(message, report.help(help));
    }

    /// The default of a later field is what older bodies are read as; that of a first one is only what is filled in.
    fn default(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let (old, new) = (then.attribute(Attribute::Default), now.attribute(Attribute::Default));
        let value = |default: Option<&Spanned<String>>| default.map_or("0", |default| zero(&default.value)).to_owned();
        if value(old) == value(new) {
            return;
        }
        let is_widened = then.since.value > self.now.min_compatible.value;
        let (code, help) = if is_widened {
            let help = "keep the default: it is what bodies of older programs, which lack the field, are read as";
            (Code::DefaultChanged, help)
        } else {
            (Code::FirstDefaultChanged, "programs built anew send it where they leave the field out")
        };
        let shown =
            |default: Option<&Spanned<String>>| default.map_or("none".to_owned(), |it| format!("`{}`", it.value));
        let text = format!("the default of field `{}` of `{message}` is another one", now.name.value);
        let report = Report::new(code, text)
            .now(new.map_or(now.name.span, |new| new.span), format!("now {}", shown(new)))
            .then(old.map_or(then.name.span, |old| old.span), format!("then {}", shown(old)));
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
        let is = new.map_or_else(|| "has no unit now".to_owned(), |new| format!("is in {}", new.value));
        let text = format!("field `{}` of `{message}` {is} and was in {}", now.name.value, old.value);
        let report = Report::new(Code::UnitChanged, text).now(place, "now").then(old.span, "then");
        self.report(report.help("if the numbers mean something else now, add a field instead: no program can tell"));
    }

    fn mark_dropped(&mut self, message: &str, attribute: Attribute, then: Span, now: &FieldFacts) {
        let name = &now.name.value;
        let (code, text, help) = if attribute == Attribute::Deprecated {
            (Code::DeprecationDropped, "deprecated", "keep `deprecated`, unless the field is here to stay after all")
        } else {
            (Code::RedactionDropped, "kept out of logs", "keep the mark, unless nothing in it is secret any more")
        };
        let report = Report::new(code, format!("field `{name}` of `{message}` is no longer {text}"));
        self.report(report.now(now.name.span, "now").then(then, "then").help(help));
    }
}

/// A default that says what holds anyway is none. `-0.0` is not among them: its sign is a bit that is sent.
fn zero(text: &str) -> &str {
    match text {
        "0" | "0.0" | "false" | "\"\"" | "[]" | "0x" => "0",
        other => other,
    }
}

fn turn(attribute: Attribute, then: Option<&Spanned<String>>, now: Option<&Spanned<String>>) -> Turn {
    let (then, now) = match (then, now) {
        (None, None) => return Turn::Same,
        (None, Some(_)) => return Turn::Fewer,
        (Some(_), None) => return Turn::More,
        (Some(then), Some(now)) => (&then.value, &now.value),
    };
    let fewer_if = match attribute {
        Attribute::Min | Attribute::MinLength => Ordering::Greater,
        _ => Ordering::Less,
    };
    match compare(now, then) {
        Ordering::Equal => Turn::Same,
        order if order == fewer_if => Turn::Fewer,
        _ => Turn::More,
    }
}

/// Compares two limits: exactly where both are whole or decimals, else as floats.
fn compare(left: &str, right: &str) -> Ordering {
    if let (Some(left), Some(right)) = (Integer::parse(left), Integer::parse(right)) {
        return left.compare(right);
    }
    if let (Ok(left), Ok(right)) = (number::parse_decimal(left, MAX_SCALE), number::parse_decimal(right, MAX_SCALE)) {
        return left.cmp(&right);
    }
    let order =
        number::parse_float(left).zip(number::parse_float(right)).and_then(|(left, right)| left.partial_cmp(&right));
    // What is not even a number was edited by hand: any difference counts as a tighter rule.
    order.unwrap_or_else(|| if left == right { Ordering::Equal } else { Ordering::Greater })
}
