//! The struct itself, and its impl of `Message`.

use super::super::attributes::{ALLOWED, deprecated};
use super::super::members::{debug_arguments, formatter, padding};
use super::super::proofs::{ReadPart, readable};
use super::super::text::{Writer, list, text};
use super::super::{Context, documented};
use super::build::checked;
use super::{Plan, PlannedField, checks};
use crate::facts::TypeFacts;
use crate::layout::SlotKind;
use crate::model::Field;
use crate::prose;

impl Plan<'_> {
    /// The names and sizes of the padding, in order.
    pub(super) fn padding(&self) -> Vec<(String, u64)> {
        let sizes = self.layout.slots().filter(|slot| slot.kind == SlotKind::Padding).map(|slot| slot.size);
        let is_taken = |name: &str| self.message.fields.iter().any(|field| field.name == name);
        let name = |index| super::free_name(&format!("_padding_{index}"), is_taken);
        sizes.enumerate().map(|(index, size)| (name(index), size)).collect()
    }

    /// The facts for the derives of the message. A message with a private field counts as one with content: its type allows bytes that its
    /// contract does not.
    fn facts(&self, cx: &Context<'_>) -> TypeFacts {
        let types = || self.fields.iter().map(|field| cx.facts.ty(&field.field.ty));
        TypeFacts {
            is_plain: self.padding().is_empty() && types().all(|facts| facts.is_plain),
            has_content: self.fields.iter().any(PlannedField::is_private) || types().any(|facts| facts.has_content),
            ..TypeFacts::of_message(self.layout.size())
        }
    }
}

/// Writes the struct.
pub(super) fn structure(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    let message = plan.message;
    documented(w, message.doc.as_deref(), &format!("The message `{}`.", message.name));
    w.line("///");
    let size = plan.layout.size();
    w.doc(&format!("Id {}, topic {}, {size} bytes.", message.id, prose::code(&message.topic)));
    deprecated(w, message.deprecated.as_deref());
    plan.allow_deprecated(w);
    w.line("#[derive(Clone, Copy, PartialEq)]");
    cx.zerocopy(w, plan.facts(cx));
    w.line("#[repr(C, align(8))]");
    w.line(ALLOWED);
    let mut parts = Vec::new();
    w.block(format_args!("pub struct {}", plan.ident()), |w| {
        let mut gaps = plan.padding().into_iter();
        let mut presence = plan.presence.iter();
        for slot in plan.layout.slots() {
            match slot.kind {
                SlotKind::Value(index) => parts.push(stored_field(cx, w, &plan.fields[index])),
                SlotKind::Length(index) => parts.push(hidden(w, &plan.fields[index].length, "u16", true)),
                SlotKind::Presence => parts
                    .extend(presence.next().map(|bits| hidden(w, &bits.name, &format!("[u8; {}]", bits.bytes), true))),
                SlotKind::Padding => {
                    parts.extend(gaps.next().map(|(name, size)| hidden(w, &name, &padding(size), false)));
                }
            }
        }
        parts.extend(plan.seal().map(|name| hidden(w, &name, "[u8; 0]", true)));
    });
    readable(w, plan.ident(), &parts);
}

/// Writes a private field without accessors.
fn hidden(w: &mut Writer, name: &str, ty: &str, is_any: bool) -> ReadPart {
    w.line(format_args!("{name}: {ty},"));
    ReadPart { name: name.to_owned(), ty: ty.to_owned(), is_any }
}

fn stored_field(cx: &Context<'_>, w: &mut Writer, field: &PlannedField<'_>) -> ReadPart {
    let stored = cx.stored(&field.field.ty);
    if field.is_private() {
        w.line(format_args!("{}: {stored},", field.name));
    } else {
        field.document(w);
        deprecated(w, field.field.deprecated.as_deref());
        w.line(format_args!("pub {}: {stored},", field.name));
    }
    ReadPart { name: field.name.clone(), ty: stored, is_any: cx.facts.ty(&field.field.ty).is_plain }
}

/// The doc of a field: the text of the contract, then its unit and rules.
pub(super) fn field_doc(cx: &Context<'_>, field: &Field) -> String {
    let mut w = Writer::default();
    let doc = field.doc.as_deref().unwrap_or_default();
    w.doc(doc);
    let facts = facts(cx, field);
    if !facts.is_empty() {
        if !doc.trim().is_empty() {
            w.line("///");
        }
        w.doc(&format!("{}.", facts.join("; ")));
    }
    w.finish()
}

fn facts(cx: &Context<'_>, field: &Field) -> Vec<String> {
    let mut rules = field.rules.clone();
    if let Some(bound) = cx.bound(&field.ty) {
        rules.bound_by(bound);
    }
    let mut facts = vec![field.unit.as_ref().map(|unit| format!("Unit: {}", prose::on_one_line(unit)))];
    facts.extend(rules.iter().map(|set| Some(set.describe(cx.schema, &field.ty))));
    facts.push(field.redacted.then(|| "redacted in `Debug`".to_owned()));
    facts.push((field.since > 1).then(|| format!("since version {}", field.since)));
    let mut facts: Vec<String> = facts.into_iter().flatten().collect();
    if let Some(first) = facts.first_mut() {
        *first = first.chars().take(1).flat_map(char::to_uppercase).chain(first.chars().skip(1)).collect();
    }
    facts
}

/// Writes the `Debug` of the message.
pub(super) fn debug(_cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    debug_impl(w, plan, plan.ident(), |field| match field {
        field if field.is_private() => format!("&self.{}()", field.name),
        field => format!("&self.{}", field.name),
    });
}

/// Writes a `Debug` with all fields that are not redacted.
pub(super) fn debug_impl(w: &mut Writer, plan: &Plan<'_>, ty: &str, value: impl Fn(&PlannedField<'_>) -> String) {
    let name = ty.split('<').next().unwrap_or(ty).trim_start_matches("r#");
    plan.allow_deprecated(w);
    w.block(format_args!("impl ::core::fmt::Debug for {ty}"), |w| {
        w.line("#[inline]");
        w.function("fn fmt", &formatter(), "::core::fmt::Result", |w| {
            if plan.message.redacted {
                return w.line(format_args!("__rt::redacted(__f, {name:?})"));
            }
            let entries = plan.fields.iter().map(|field| {
                let value = if field.field.redacted { "&__rt::Redacted".to_owned() } else { value(field) };
                (field.field.name.as_str(), value)
            });
            w.expr(&list("__rt::debug(", debug_arguments(name, entries), ")"));
        });
    });
}

/// Writes the impl of `Message`.
pub(super) fn message_impl(cx: &Context<'_>, w: &mut Writer, plan: &Plan<'_>) {
    let (message, runtime) = (plan.message, &cx.runtime);
    plan.allow_deprecated(w);
    w.block(format_args!("impl {runtime}::Message for {}", plan.ident()), |w| {
        w.line(format_args!("const ID: u16 = {};", message.id));
        w.line(format_args!("const NAME: &'static str = {:?};", message.name));
        w.line(format_args!("const SCHEMA: &'static str = {:?};", cx.schema.name));
        w.line(format_args!("const TOPIC: &'static str = {:?};", message.topic));
        w.line(format_args!("const VERSION: u16 = {};", cx.schema.version));
        w.line(format_args!("const MIN_COMPATIBLE: u16 = {};", cx.schema.min_compatible));
        let layouts = plan
            .layout
            .groups
            .iter()
            .zip(&plan.digests)
            .map(|(group, digest)| text(format!("({}, {}, {})", group.since, group.end, hex(*digest))));
        let size = cx.primitive("usize");
        w.expr(&list(format!("const LAYOUTS: &'static [(u16, {size}, u64)] = &["), layouts, "];"));
        w.line(format_args!("const LAYOUT_HASH: u64 = {};", hex(plan.digests.last().copied().unwrap_or_default())));
        w.line("#[inline]");
        w.function("fn as_bytes", &["&self".to_owned()], "&[u8]", |w| w.line("__rt::bytes_of(self)"));
        w.line("#[inline]");
        w.function("fn validate", &["&self".to_owned()], &checked(cx), |w| {
            checks::structure(cx, w, plan);
            if plan.has_rules() {
                w.line(format_args!("self.{}()", plan.own("rules")));
            } else {
                w.line("::core::result::Result::Ok(())");
            }
        });
        if plan.has_grown() {
            w.line("#[inline]");
            w.function("fn decode", &["__bytes: &[u8]".to_owned()], "__rt::DecodeResult<'_, Self>", |w| {
                let (size, newer) = (plan.layout.size(), plan.own("newer"));
                w.line(format_args!("__rt::decode_grown::<Self, {size}>(__bytes, Self::{newer})"));
            });
        }
    });
}

/// A hash as a literal, in groups of four digits.
fn hex(digest: u64) -> String {
    let digits = format!("{digest:016x}");
    format!("0x{}_{}_{}_{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..])
}
