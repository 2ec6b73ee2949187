//! What `validate` checks beyond the rules: unused bits and bytes, lengths, text.

use super::super::Context;
use super::super::text::{Writer, call, text};
use super::super::types::Shape;
use super::rules::{self, Place, check_call};
use super::{Plan, PlannedField};

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

/// Writes the rules of all fields, on what is stored.
pub(super) fn all_rules(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    for field in plan.fields.iter().filter(|field| rules::any(&field.field.rules)) {
        match &field.presence {
            Some((presence, bit)) => {
                w.block(format_args!("if __rt::has(&self.{presence}, {bit})"), |w| {
                    rules::write(cx, w, plan, field, Place::Stored);
                });
            }
            None => rules::write(cx, w, plan, field, Place::Stored),
        }
    }
}
