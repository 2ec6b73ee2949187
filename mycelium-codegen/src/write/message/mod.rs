//! One message: its struct, its fields struct, and the conversions between both and bytes.

mod access;
mod body;
mod build;
mod checks;

use super::Context;
use super::proofs::LaidOut;
use super::text::Writer;
use super::types::Shape;
use crate::layout::{ALIGNMENT, MessageLayout, Slot, SlotKind, lay_out};
use crate::model::{Field, Message};
use crate::names::{free_name, ident};
use crate::rules::broken_rule;

/// Writes a message, and returns its layout. A broken message has no fields.
pub(super) fn write(cx: &Context<'_>, w: &mut Writer, message: &Message) -> LaidOut {
    let stub;
    let message = if message.broken {
        stub = Message { fields: Vec::new(), ..message.clone() };
        &stub
    } else {
        message
    };
    let plan = Plan::of(cx, message);
    body::structure(cx, w, &plan);
    build::fields_struct(cx, w, &plan);
    build::conversions(cx, w, &plan);
    access::write(cx, w, &plan);
    body::debug(cx, w, &plan);
    body::message_impl(cx, w, &plan);
    plan.laid_out()
}

/// A message with everything that its parts need.
struct Plan<'a> {
    message: &'a Message,
    ident: String,
    layout: MessageLayout,
    fields: Vec<PlannedField<'a>>,
    /// The presence bytes, one entry for each group with optional fields.
    presence: Vec<Presence>,
    digests: Vec<u64>,
    /// Whether the fields struct has the lifetime `'a`.
    borrows: bool,
    /// Whether it is built by `TryFrom` instead of `From`.
    is_fallible: bool,
    /// Whether the message or a field is deprecated.
    is_deprecated: bool,
}

/// One field and how it is stored.
struct PlannedField<'a> {
    field: &'a Field,
    shape: Shape,
    /// The name as an identifier.
    name: String,
    /// The name of the length of a list.
    length: String,
    /// For an optional field: the name of its presence bytes, and its bit.
    presence: Option<(String, usize)>,
    /// The doc comment for the field, for the fields struct and for the accessor.
    doc: String,
}

/// The presence bytes of a group.
struct Presence {
    since: u16,
    name: String,
    bytes: u64,
    optionals: usize,
}

impl PlannedField<'_> {
    /// Writes the doc comment.
    fn document(&self, w: &mut Writer) {
        self.doc.lines().for_each(|line| w.line(line));
    }

    /// Whether it has accessors: its type has values that the contract does not allow.
    fn is_private(&self) -> bool {
        self.field.optional || self.is_fallible()
    }

    /// Whether its setter may refuse a value, or would once a wrong rule is fixed.
    fn is_fallible(&self) -> bool {
        self.shape.borrows() || self.field.rules.hide()
    }
}

impl<'a> Plan<'a> {
    fn of(cx: &Context<'_>, message: &'a Message) -> Self {
        let layout = lay_out(cx.facts, message);
        let is_taken = |name: &str| message.fields.iter().any(|field| field.name == name);
        let mut presence = Vec::new();
        let mut bits = vec![None; message.fields.len()];
        for group in &layout.groups {
            let Some(slot) = group.slots.iter().find(|slot| slot.kind == SlotKind::Presence) else { continue };
            let name = free_name(&format!("_presence_{}", group.since), is_taken);
            let optionals = group.slots.iter().filter_map(|slot| match slot.kind {
                SlotKind::Value(field) if message.fields[field].optional => Some(field),
                _ => None,
            });
            let optionals: Vec<usize> = optionals.collect();
            optionals.iter().enumerate().for_each(|(bit, field)| bits[*field] = Some((name.clone(), bit)));
            presence.push(Presence { since: group.since, name, bytes: slot.size, optionals: optionals.len() });
        }
        let fields = message.fields.iter().zip(bits).map(|(field, presence)| PlannedField {
            field,
            shape: cx.shape(&field.ty),
            name: ident(&field.name),
            length: free_name(&format!("_{}_len", field.name), is_taken),
            presence,
            doc: body::field_doc(cx, field),
        });
        let fields: Vec<_> = fields.collect();
        Self {
            digests: crate::digest::of_layouts(cx.facts, message, &layout),
            borrows: fields.iter().any(|field| field.shape.borrows()),
            is_fallible: fields.iter().any(PlannedField::is_fallible),
            is_deprecated: message.deprecated.is_some()
                || message.fields.iter().any(|field| field.deprecated.is_some()),
            ident: ident(&message.name),
            message,
            layout,
            fields,
            presence,
        }
    }

    fn laid_out(&self) -> LaidOut {
        let mut presence = self.presence.iter();
        let name = |slot: &Slot| match slot.kind {
            SlotKind::Value(index) => Some(self.fields[index].name.clone()),
            SlotKind::Length(index) => Some(self.fields[index].length.clone()),
            SlotKind::Presence => presence.next().map(|presence| presence.name.clone()),
            SlotKind::Padding => None,
        };
        let names: Vec<_> = self.layout.slots().map(name).collect();
        let offsets = names.into_iter().zip(self.layout.slots());
        LaidOut {
            name: self.name().to_owned(),
            size: self.layout.size(),
            align: ALIGNMENT,
            offsets: offsets.filter_map(|(name, slot)| Some((name?, slot.offset))).collect(),
        }
    }

    /// The name in the contract.
    fn name(&self) -> &str {
        &self.message.name
    }

    /// The name as an identifier.
    fn ident(&self) -> &str {
        &self.ident
    }

    /// The name of a zero-sized private field, for a message whose fields are all public. It makes struct literals outside the contract a
    /// compile error, since they would break when the message grows.
    fn seal(&self) -> Option<String> {
        let is_open = |slot: &Slot| match slot.kind {
            SlotKind::Value(index) => !self.fields[index].is_private(),
            SlotKind::Length(_) | SlotKind::Presence | SlotKind::Padding => false,
        };
        let is_taken = |name: &str| self.fields.iter().any(|field| field.field.name == name);
        self.layout.slots().all(is_open).then(|| free_name("_sealed", is_taken))
    }

    /// The name of a private function of the message, distinct from its accessors and setters.
    fn own(&self, what: &str) -> String {
        let is_taken = |name: &str| self.fields.iter().any(|field| name.trim_start_matches("set_") == field.field.name);
        free_name(&format!("__{what}"), is_taken)
    }

    /// Whether all defaults pass the rules.
    fn has_default(&self, cx: &Context<'_>) -> bool {
        self.message.fields.iter().all(|field| broken_rule(cx.schema, field).is_none())
    }

    fn has_rules(&self) -> bool {
        self.fields.iter().any(|field| checks::any(&field.field.rules))
    }

    /// Whether there are older layouts.
    fn has_grown(&self) -> bool {
        self.layout.groups.len() > 1
    }

    /// `BarFields<'a>`, or `BarFields` if no field borrows.
    fn fields_type(&self, lifetime: &str) -> String {
        let name = self.name();
        if self.borrows { format!("{name}Fields<{lifetime}>") } else { format!("{name}Fields") }
    }

    /// Silences warnings about the deprecated message itself.
    fn allow_deprecated(&self, w: &mut Writer) {
        if self.is_deprecated {
            w.line("#[allow(deprecated)]");
        }
    }
}
