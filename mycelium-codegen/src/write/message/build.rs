//! The fields struct, and the conversions between it and the message.

use super::super::attributes::ALLOWED;
use super::super::attributes::deprecated;
use super::super::text::{Expr, Writer, call, list, literal, text};
use super::super::types::Shape;
use super::super::{Context, documented};
use super::checks::{self, check_call};
use super::{Plan, PlannedField, Presence};
use crate::layout::{Slot, SlotKind};
use crate::model::Type;

/// Writes `BarFields` and its default.
pub(super) fn fields_struct(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    let name = plan.name();
    let lifetime = if plan.borrows { "'a " } else { "" };
    documented(w, None, &format!("The fields of a `{name}`, from which it is built."));
    w.line("///");
    w.line(
        "/// Set the fields that matter, and end with `..Default::default()`: then a field of a later version breaks nothing.",
    );
    let debug = if is_redacted(plan) { "" } else { ", Debug" };
    let default = if has_plain_defaults(plan) { ", Default" } else { "" };
    plan.allow_deprecated(w);
    w.line(format_args!("#[derive(Clone, Copy{debug}, PartialEq{default})]"));
    w.line(ALLOWED);
    w.block(format_args!("pub struct {}", plan.fields_type("'a")), |w| {
        for field in &plan.fields {
            field.document(w);
            deprecated(w, field.field.deprecated.as_deref());
            w.line(format_args!("pub {}: {},", field.name, field_type(cx, field, lifetime)));
        }
    });
    if is_redacted(plan) {
        super::body::debug_impl(w, plan, &plan.fields_type("'_"), |field| format!("&self.{}", field.name));
    }
    if default.is_empty() {
        plan.allow_deprecated(w);
        w.block(format_args!("impl ::core::default::Default for {}", plan.fields_type("'_")), |w| {
            w.line("#[inline]");
            w.function("fn default", &[], "Self", |w| {
                w.expr(&literal("Self", plan.fields.iter().map(|field| default_of(cx, field)), ""));
            });
        });
    }
}

fn is_redacted(plan: &Plan<'_>) -> bool {
    plan.message.redacted || plan.fields.iter().any(|field| field.field.redacted)
}

/// Whether `derive(Default)` gives the defaults of the contract.
fn has_plain_defaults(plan: &Plan<'_>) -> bool {
    plan.fields.iter().all(|field| {
        let is_long =
            matches!(field.field.ty, Type::Array(..)) && !field.field.optional && has_long_array(&field.field.ty);
        field.field.default.is_none() && !is_long
    })
}

/// Arrays of more than 32 elements have no `Default`.
fn has_long_array(ty: &Type) -> bool {
    match ty {
        Type::Array(element, count) => *count > 32 || has_long_array(element),
        _ => false,
    }
}

fn default_of(cx: &Context<'_>, field: &PlannedField<'_>) -> Expr {
    let ty = &field.field.ty;
    let value = match (&field.field.default, field.field.optional) {
        (Some(value), false) => cx.given_literal(ty, value),
        (Some(value), true) => list("::core::option::Option::Some(", [cx.given_literal(ty, value)], ")"),
        (None, true) => text("::core::option::Option::None"),
        (None, false) => cx.zero(ty),
    };
    value.prefixed(&format!("{}: ", field.name))
}

/// The type of a field in the fields struct, and of its accessor.
pub(super) fn field_type(cx: &Context<'_>, field: &PlannedField<'_>, lifetime: &str) -> String {
    let given = cx.given(&field.field.ty, lifetime);
    if field.field.optional { format!("::core::option::Option<{given}>") } else { given }
}

/// Writes message → fields, fields → message, and the message's default.
pub(super) fn conversions(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    to_fields(w, plan);
    let (name, fields) = (plan.ident(), plan.fields_type("'_"));
    own_functions(cx, w, plan);
    if plan.is_fallible {
        plan.allow_deprecated(w);
        w.block(format_args!("impl ::core::convert::TryFrom<{fields}> for {name}"), |w| {
            w.line(format_args!("type Error = {}::ValidationError;", cx.runtime));
            let output = "::core::result::Result<Self, Self::Error>";
            w.line("#[inline]");
            w.function("fn try_from", &[format!("__fields: {fields}")], output, |w| {
                plan.fields.iter().filter(|field| field.shape.borrows()).for_each(|field| {
                    fits(cx, w, plan, field, &format!("__fields.{}", field.name));
                });
                let assemble = plan.own("assemble");
                if plan.has_rules() {
                    w.line(format_args!("let __message = Self::{assemble}(__fields);"));
                    w.line(format_args!("__message.{}()?;", plan.own("rules")));
                    w.line("::core::result::Result::Ok(__message)");
                } else {
                    w.line(format_args!("::core::result::Result::Ok(Self::{assemble}(__fields))"));
                }
            });
        });
    } else {
        plan.allow_deprecated(w);
        w.block(format_args!("impl ::core::convert::From<{fields}> for {name}"), |w| {
            w.line("#[inline]");
            w.function("fn from", &[format!("__fields: {fields}")], "Self", |w| assemble(w, plan));
        });
    }
    if !plan.has_default(cx) {
        return;
    }
    plan.allow_deprecated(w);
    w.block(format_args!("impl ::core::default::Default for {name}"), |w| {
        let way = match plan.is_fallible {
            true => format!("Self::{}", plan.own("assemble")),
            false => "::core::convert::From::from".to_owned(),
        };
        w.line("#[inline]");
        w.function("fn default", &[], "Self", |w| {
            w.line(format_args!("let __fields: {fields} = ::core::default::Default::default();"));
            w.line(format_args!("{way}(__fields)"));
        });
    });
}

/// Writes the private functions that the other impls use. They are private, since they create messages that are not checked yet.
fn own_functions(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    if !plan.is_fallible && !plan.has_grown() {
        return;
    }
    let fields = plan.fields_type("'_");
    plan.allow_deprecated(w);
    w.block(format_args!("impl {}", plan.ident()), |w| {
        if plan.is_fallible {
            w.line("#[inline]");
            w.function(&format!("fn {}", plan.own("assemble")), &[format!("__fields: {fields}")], "Self", |w| {
                assemble(w, plan);
            });
        }
        if plan.has_rules() {
            w.line("#[inline]");
            w.function(&format!("fn {}", plan.own("rules")), &["&self".to_owned()], &checked(cx), |w| {
                checks::all_rules(cx, w, plan);
                w.line("::core::result::Result::Ok(())");
            });
        }
        if plan.has_grown() {
            let arguments = [format!("__body: &mut [u8; {}]", plan.layout.size())];
            w.function(&format!("fn {}", plan.own("newer")), &arguments, "", |w| newer(cx, w, plan));
        }
    });
}

/// Writes the statements that put the defaults of newer fields into a body of zeros.
fn newer(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    let place = |w: &mut Writer, slot: &Slot, ty: &str, value: Expr| {
        w.expr(&value.prefixed(&format!("let __value: {ty} = ")).suffixed(";"));
        w.line(format_args!("__rt::place(__body, {}, &__value);", slot.offset));
    };
    w.line(format_args!("let __fields: {} = ::core::default::Default::default();", plan.fields_type("'_")));
    for group in plan.layout.groups.iter().skip(1) {
        let slot = group.slots.iter().find(|slot| slot.kind == SlotKind::Presence);
        let presence = slot.zip(plan.presence.iter().find(|presence| presence.since == group.since));
        presence.iter().for_each(|(_, presence)| no_presence(w, presence));
        for slot in &group.slots {
            match slot.kind {
                SlotKind::Value(index) => {
                    let field = &plan.fields[index];
                    place(w, slot, &cx.stored(&field.field.ty), value_of(field));
                }
                SlotKind::Length(index) => place(w, slot, "u16", length_of(&plan.fields[index])),
                SlotKind::Presence | SlotKind::Padding => {}
            }
        }
        // Last, since the optional fields above set their bits.
        presence.iter().for_each(|(slot, presence)| {
            w.line(format_args!("__rt::place(__body, {}, &__{});", slot.offset, presence.name));
        });
    }
}

fn no_presence(w: &mut Writer, presence: &Presence) {
    w.line(format_args!("let mut __{} = [0; {}];", presence.name, presence.bytes));
}

/// The type that checks return.
pub(super) fn checked(cx: &Context<'_>) -> String {
    format!("::core::result::Result<(), {}::ValidationError>", cx.runtime)
}

/// Writes the check that a value fits its slots.
pub(super) fn fits(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>, field: &PlannedField<'_>, value: &str) {
    let bound = cx.bound(&field.field.ty).unwrap_or_default().to_string();
    let check = if field.shape == Shape::List { "fits_list" } else { "fits" };
    w.expr(&check_call(plan, field, check, vec![text(format!("&{value}")), text(bound)]));
}

fn to_fields(w: &mut Writer, plan: &Plan<'_>) {
    let name = plan.ident();
    let (head, fields) = if plan.borrows {
        (format!("impl<'a> ::core::convert::From<&'a {name}> for {}", plan.fields_type("'a")), "&'a ")
    } else {
        (format!("impl ::core::convert::From<&{name}> for {}", plan.fields_type("'a")), "&")
    };
    plan.allow_deprecated(w);
    w.block(head, |w| {
        w.line("#[inline]");
        // Without fields, the parameter is not used.
        let parameter = if plan.fields.is_empty() { "_" } else { "__message" };
        w.function("fn from", &[format!("{parameter}: {fields}{name}")], "Self", |w| {
            let values = plan.fields.iter().map(|field| match field {
                field if field.is_private() => text(format!("{0}: __message.{0}()", field.name)),
                field if field.shape == Shape::Wide => text(format!("{0}: __message.{0}.get()", field.name)),
                field => text(format!("{0}: __message.{0}", field.name)),
            });
            w.expr(&literal("Self", values, ""));
        });
    });
}

/// Writes the message as an expression, from `__fields`. The caller has checked that all values fit.
fn assemble(w: &mut Writer, plan: &Plan<'_>) {
    if plan.fields.is_empty() {
        w.line("let _ = __fields;");
    }
    plan.presence.iter().for_each(|presence| no_presence(w, presence));
    let mut values = Vec::new();
    for slot in plan.layout.slots() {
        match slot.kind {
            SlotKind::Length(index) => {
                let field = &plan.fields[index];
                values.push(length_of(field).prefixed(&format!("{}: ", field.length)));
            }
            SlotKind::Value(index) => {
                let field = &plan.fields[index];
                values.push(value_of(field).prefixed(&format!("{}: ", field.name)));
            }
            SlotKind::Padding | SlotKind::Presence => {}
        }
    }
    for (name, _) in plan.padding() {
        values.push(text(format!("{name}: __rt::Filler::FILLER")));
    }
    values.extend(plan.seal().map(|name| text(format!("{name}: []"))));
    // Last, since the optional fields above set their bits.
    values.extend(plan.presence.iter().map(|presence| text(format!("{0}: __{0}", presence.name))));
    w.expr(&literal("Self", values, ""));
}

fn length_of(field: &PlannedField<'_>) -> Expr {
    let count = match &field.field.ty {
        Type::List(_, count) => *count,
        _ => 0,
    };
    let given = format!("__fields.{}", field.name);
    let given = if field.field.optional { format!("{given}.unwrap_or_default()") } else { given };
    text(format!("__rt::list_len::<_, {count}>({given})"))
}

fn value_of(field: &PlannedField<'_>) -> Expr {
    let given = format!("__fields.{}", field.name);
    let presence = field.presence.as_ref().map(|(presence, bit)| (format!("__{presence}"), *bit));
    stored_value(field.shape, presence, &given)
}

/// The stored value for a given value. For an optional field, the expression also sets its presence bit.
pub(super) fn stored_value(shape: Shape, presence: Option<(String, usize)>, given: &str) -> Expr {
    let convert = match shape {
        Shape::Plain => None,
        Shape::Wide => Some("::core::convert::Into::into"),
        Shape::Text => Some("__rt::text"),
        Shape::Bytes => Some("__rt::bytes"),
        Shape::List => Some("__rt::list_items"),
    };
    match (presence, convert) {
        (None, None) => text(given),
        (None, Some(convert)) => text(format!("{convert}({given})")),
        (Some((presence, bit)), convert) => {
            let value = convert.map_or(given.to_owned(), |convert| format!("{given}.map({convert})"));
            let arguments = [format!("&mut {presence}"), bit.to_string(), value];
            call("__rt::set", arguments.iter().map(text), "")
        }
    }
}
