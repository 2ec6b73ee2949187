//! What a field is where nobody says it, in two versions.

use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Attribute, FieldFacts, Shape, Snapshot};
use crate::source::Spanned;

impl<'a> Comparison<'a> {
    /// The default of a later field is what older bodies are read as; that of a first one is only what is filled in.
    pub(super) fn default(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let (old, new) = (then.attribute(Attribute::Default), now.attribute(Attribute::Default));
        let is_same = match (old, new) {
            (None, None) => true,
            (Some(old), Some(new)) => zero(&old.value) == zero(&new.value),
            (Some(old), None) => self.is_unsaid(&old.value, now, self.now),
            (None, Some(new)) => self.is_unsaid(&new.value, then, self.then),
        };
        if is_same {
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

    /// Whether a default is what this field is without one: zero, empty, or the first variant. An optional without one is
    /// absent.
    fn is_unsaid(&self, default: &str, field: &FieldFacts, snapshot: &Snapshot) -> bool {
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

    /// What a type without elements is where nothing is said, as [`zero`] has it.
    fn first_of(&self, ty: &str, snapshot: &Snapshot) -> String {
        let Some(Shape::Enum { open: false, variants, first, .. }) = snapshot.types.get(ty).map(|ty| &ty.shape) else {
            return "0".to_owned();
        };
        // A lock has it only where it fills something.
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

/// A default that says what holds anyway is none. `-0.0` is not among them: its sign is a bit that is sent.
fn zero(text: &str) -> &str {
    match text {
        "0" | "0.0" | "false" | "\"\"" | "[]" | "0x" => "0",
        other => other,
    }
}
