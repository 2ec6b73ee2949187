//! Accessors and setters of optional, text, bytes and list fields.

use super::super::Context;
use super::super::attributes::deprecated;
use super::super::attributes::{ALLOWED, allow_conventions};
use super::super::text::{Writer, list, text};
use super::super::types::Shape;
use super::build::{checked, field_type, fits, stored_value};
use super::checks::{self, Place};
use super::{Plan, PlannedField};
use crate::model::Type;

/// Writes the inherent impl, unless it is empty.
pub(super) fn write(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    if !plan.fields.iter().any(PlannedField::is_private) {
        return;
    }
    plan.allow_deprecated(w);
    let private = plan.fields.iter().filter(|field| field.is_private());
    allow_conventions(w, private.map(|field| field.field.name.as_str()));
    w.line(ALLOWED);
    w.block(format_args!("impl {}", plan.ident()), |w| {
        for field in plan.fields.iter().filter(|field| field.is_private()) {
            getter(cx, w, field);
            setter(cx, w, plan, field);
        }
    });
}

fn getter(cx: &Context<'_>, w: &mut Writer, field: &PlannedField<'_>) {
    let name = &field.name;
    let value = match field.shape {
        Shape::Plain => format!("self.{name}"),
        Shape::Wide => format!("self.{name}.get()"),
        Shape::Text => format!("__rt::as_str(&self.{name})"),
        Shape::Bytes => format!("__rt::as_slice(&self.{name})"),
        Shape::List => format!("__rt::items(self.{}, &self.{name})", field.length),
    };
    field.document(w);
    deprecated(w, field.field.deprecated.as_deref());
    w.line("#[inline]");
    w.line("#[must_use]");
    w.function(&format!("pub fn {name}"), &["&self".to_owned()], &field_type(cx, field, ""), |w| {
        match &field.presence {
            None => w.line(value),
            Some((presence, bit)) => {
                let arguments = [format!("&self.{presence}"), bit.to_string(), value];
                w.expr(&list("__rt::optional(", arguments.iter().map(text), ")"));
            }
        }
    });
}

fn setter(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>, field: &PlannedField<'_>) {
    let is_fallible = field.is_fallible();
    let name = format!("set_{}", field.field.name);
    w.doc(&format!("Sets `{}`.", field.field.name));
    if is_fallible {
        w.line("///");
        w.line("/// # Errors");
        w.line("/// If the contract does not allow the value; the message stays as it was.");
    }
    deprecated(w, field.field.deprecated.as_deref());
    w.line("#[inline]");
    let arguments = ["&mut self".to_owned(), format!("__value: {}", field_type(cx, field, ""))];
    let output = if is_fallible { checked(cx) } else { String::new() };
    w.function(&format!("pub fn {name}"), &arguments, &output, |w| {
        if field.shape.borrows() {
            fits(cx, w, plan, field, "__value");
        }
        if checks::any(&field.field.rules) && field.field.optional {
            w.block("if let ::core::option::Option::Some(__value) = __value", |w| {
                checks::rules(cx, w, plan, field, Place::Given);
            });
        } else {
            checks::rules(cx, w, plan, field, Place::Given);
        }
        store(w, field);
        if is_fallible {
            w.line("::core::result::Result::Ok(())");
        }
    });
}

/// Writes the statements that store `__value`.
fn store(w: &mut Writer, field: &PlannedField<'_>) {
    let name = &field.name;
    if let (Shape::List, Type::List(_, count)) = (field.shape, &field.field.ty) {
        let given = if field.field.optional { "__value.unwrap_or_default()" } else { "__value" };
        w.line(format_args!("self.{} = __rt::list_len::<_, {count}>({given});", field.length));
    }
    let presence = field.presence.as_ref().map(|(presence, bit)| (format!("self.{presence}"), *bit));
    let value = stored_value(field.shape, presence, "__value");
    w.expr(&value.prefixed(&format!("self.{name} = ")).suffixed(";"));
}
