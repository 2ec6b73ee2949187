//! The rules of a field as calls of checks.

use super::super::Context;
use super::super::text::{Expr, Writer, call, text};
use super::super::types::Shape;
use super::{Plan, PlannedField};
use crate::bound::bound_text;
use crate::model::{Rules, Scalar, Type};

/// Whether anything is asked of the value.
pub(super) fn any(rules: &Rules) -> bool {
    *rules != Rules::default()
}

/// Where the value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the message, as stored: `self.close`.
    Stored,
    /// As given to a setter: `__value`.
    Given,
}

/// Writes the checks of one field's rules, each a statement that returns an error.
pub(super) fn write(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>, field: &PlannedField<'_>, place: Place) {
    let rules = &field.field.rules;
    let ty = &field.field.ty;
    let at = |check: &str, arguments: Vec<Expr>| check_call(plan, field, check, arguments);
    let number = text(number(cx, field, place));
    if rules.finite {
        w.expr(&at("finite", vec![number.clone()]));
    }
    for (check, bound) in [("at_least", &rules.min), ("at_most", &rules.max)] {
        if let Some(bound) = bound {
            let shown = text(format!("{:?}", bound_text(cx.schema, ty, bound)));
            w.expr(&at(check, vec![number.clone(), cx.number(ty, bound), shown]));
        }
    }
    if rules.not_zero {
        match cx.resolve(ty) {
            Type::Scalar(Scalar::F32 | Scalar::F64) => w.expr(&at("not_zero_float", vec![number.clone()])),
            _ => w.expr(&at("not_zero", vec![text(format!("&{}", whole(field, place)))])),
        }
    }
    let length = text(length(cx, field, place));
    if rules.not_empty {
        w.expr(&at("not_empty", vec![length.clone()]));
    }
    let (least, most) = if field.shape == Shape::List { ("fewest", "most") } else { ("shortest", "longest") };
    for (check, bound) in [(least, rules.min_length), (most, rules.max_length)] {
        if let Some(bound) = bound {
            w.expr(&at(check, vec![length.clone(), text(bound.to_string())]));
        }
    }
}

/// A check of a field as a statement: its arguments follow the names of the message and the field.
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
