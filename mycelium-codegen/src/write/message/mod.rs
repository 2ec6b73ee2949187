//! One message: the struct, its fields struct, and what connects them with bytes.

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

/// Writes a message, and says how it is laid out. A broken one has no fields.
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

/// A message with all that its parts ask for.
struct Plan<'a> {
    message: &'a Message,
    ident: String,
    layout: MessageLayout,
    fields: Vec<PlannedField<'a>>,
    /// The names of the presence bytes, one per group that has optionals.
    presence: Vec<Presence>,
    digests: Vec<u64>,
    /// `'a` in the fields struct.
    borrows: bool,
    /// Built by `TryFrom`, not `From`.
    is_fallible: bool,
    /// Something in it is deprecated.
    is_deprecated: bool,
}

/// One field and how it is stored.
struct PlannedField<'a> {
    field: &'a Field,
    shape: Shape,
    /// As an identifier.
    name: String,
    /// The name of the length of a list.
    length: String,
    /// Of an optional: the name of its presence bytes, and its bit.
    presence: Option<(String, usize)>,
    /// Its doc comment, which stands at the field, in the fields struct and at the accessor.
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

    /// Hidden behind an accessor: not every value that the type allows is one that the contract allows.
    fn is_private(&self) -> bool {
        self.field.optional || self.is_fallible()
    }

    /// There are values that a setter refuses, or a rule that may come to refuse some.
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

    /// As the contract has it.
    fn name(&self) -> &str {
        &self.message.name
    }

    /// As Rust has it.
    fn ident(&self) -> &str {
        &self.ident
    }

    /// The name of a field without a size, for a message all of whose fields are public: a literal of it would break when
    /// the message grows, so none compiles outside of the contract.
    fn seal(&self) -> Option<String> {
        let is_open = |slot: &Slot| match slot.kind {
            SlotKind::Value(index) => !self.fields[index].is_private(),
            SlotKind::Length(_) | SlotKind::Presence | SlotKind::Padding => false,
        };
        let is_taken = |name: &str| self.fields.iter().any(|field| field.field.name == name);
        self.layout.slots().all(is_open).then(|| free_name("_sealed", is_taken))
    }

    /// The name of a private function of the message, which no accessor or setter has.
    fn own(&self, what: &str) -> String {
        let is_taken = |name: &str| self.fields.iter().any(|field| name.trim_start_matches("set_") == field.field.name);
        free_name(&format!("__{what}"), is_taken)
    }

    /// The defaults keep the rules.
    fn has_default(&self, cx: &Context<'_>) -> bool {
        self.message.fields.iter().all(|field| broken_rule(cx.schema, field).is_none())
    }

    fn has_rules(&self) -> bool {
        self.fields.iter().any(|field| checks::any(&field.field.rules))
    }

    /// There are older layouts.
    fn has_grown(&self) -> bool {
        self.layout.groups.len() > 1
    }

    /// `BarFields<'a>`, or `BarFields` where nothing borrows.
    fn fields_type(&self, lifetime: &str) -> String {
        let name = self.name();
        if self.borrows { format!("{name}Fields<{lifetime}>") } else { format!("{name}Fields") }
    }

    /// Silences what would complain about the message itself.
    fn allow_deprecated(&self, w: &mut Writer) {
        if self.is_deprecated {
            w.line("#[allow(deprecated)]");
        }
    }
}
