//! The checks of `validate` and of setters: unused bits and bytes, lengths and text, then the rules of fields.

use super::super::Context;
use super::super::text::{Expr, Writer, call, text};
use super::super::types::Shape;
use super::{Plan, PlannedField};
use crate::model::{Scalar, Type};
use crate::number::bound_text;
use crate::rules::{self, Domain, Given, Kind, Rules, SetRule};

/// Writes the statements of `validate`.
pub(super) fn structure(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    for presence in plan.presence.iter().filter(|presence| presence.optionals % 8 != 0) {
        let arguments = [
            format!("{:?}", plan.name()),
            "\"presence bits\"".to_owned(),
            format!("&self.{}", presence.name),
            presence.optionals.to_string(),
        ];
        w.expr(&call("__rt::presence", arguments.iter().map(text), "?;"));
    }
    plan.fields.iter().for_each(|field| of_field(cx, w, plan, field));
}

fn of_field(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>, field: &PlannedField<'_>) {
    let name = &field.name;
    let mut check = |function: &str, arguments: &[String]| {
        w.expr(&check_call(plan, field, function, arguments.iter().map(text).collect()));
    };
    if let Some((presence, bit)) = &field.presence {
        let stored = if field.shape == Shape::List { &field.length } else { name };
        check("filler", &[format!("__rt::has(&self.{presence}, {bit})"), format!("&self.{stored}")]);
    }
    if field.shape == Shape::List {
        check("list", &[format!("self.{}", field.length), format!("&self.{name}")]);
    }
    if cx.facts.ty(&field.field.ty).has_content {
        let value = match field.shape {
            Shape::List => format!("__rt::items(self.{}, &self.{name})", field.length),
            _ => format!("&self.{name}"),
        };
        check("content", &[value]);
    }
}

/// Writes the rules of all fields, for stored values.
pub(super) fn all_rules(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    for field in plan.fields.iter().filter(|field| any(&field.field.rules)) {
        match &field.presence {
            Some((presence, bit)) => {
                w.block(format_args!("if __rt::has(&self.{presence}, {bit})"), |w| {
                    rules(cx, w, plan, field, Place::Stored);
                });
            }
            None => rules(cx, w, plan, field, Place::Stored),
        }
    }
}

/// Whether there are rules.
pub(super) fn any(rules: &Rules) -> bool {
    !rules.is_empty()
}

/// Where the value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the message, as stored: `self.close`.
    Stored,
    /// The argument of a setter: `__value`.
    Given,
}

/// Writes the checks of the rules of a field: each is a statement that returns an error.
pub(super) fn rules(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>, field: &PlannedField<'_>, place: Place) {
    let ty = &field.field.ty;
    for SetRule { rule, given } in field.field.rules.by_turn() {
        let kind = rules::kind(cx.schema, ty);
        let looked_at = match rule.domain {
            Domain::NumbersAndArrays if kind != Some(Kind::Float) => format!("&{}", whole(field, place)),
            Domain::Numbers | Domain::NumbersAndArrays | Domain::Floats => number(cx, field, place),
            Domain::Sized => length(cx, field, place),
        };
        let mut arguments = vec![text(looked_at)];
        match given {
            Given::Number(number) => {
                let shown = format!("{:?}", bound_text(cx.schema, ty, number));
                arguments.extend([cx.number(ty, number), text(shown)]);
            }
            Given::Length(length) => arguments.push(text(length.to_string())),
            Given::On => {}
        }
        w.expr(&check_call(plan, field, rule.check_of(kind).function, arguments));
    }
}

/// A check of a field as a statement. Its arguments follow the names of the message and the field.
pub(super) fn check_call(plan: &Plan<'_>, field: &PlannedField<'_>, check: &str, arguments: Vec<Expr>) -> Expr {
    let names = [text(format!("{:?}", plan.name())), text(format!("{:?}", field.field.name))];
    call(&format!("__rt::{check}"), names.into_iter().chain(arguments), "?;")
}

fn whole(field: &PlannedField<'_>, place: Place) -> String {
    match place {
        Place::Stored => format!("self.{}", field.name),
        Place::Given => "__value".to_owned(),
    }
}

/// The number inside the value.
fn number(cx: &Context<'_>, field: &PlannedField<'_>, place: Place) -> String {
    let path = cx.unwrapping(&field.field.ty);
    let wide = match cx.resolve(&field.field.ty) {
        Type::Scalar(Scalar::U128 | Scalar::I128) if place == Place::Stored || field.shape != Shape::Wide => ".get()",
        _ => "",
    };
    format!("{}{path}{wide}", whole(field, place))
}

/// The number of bytes or elements.
fn length(cx: &Context<'_>, field: &PlannedField<'_>, place: Place) -> String {
    let name = &field.name;
    match (place, field.shape) {
        (Place::Given, _) => "__value.len()".to_owned(),
        (_, Shape::Text) => format!("__rt::str_len(&self.{name})"),
        (_, Shape::Bytes) => format!("__rt::as_slice(&self.{name}).len()"),
        (_, Shape::List) => format!("{}::from(self.{})", cx.primitive("usize"), field.length),
        _ => format!("self.{name}.len()"),
    }
}
