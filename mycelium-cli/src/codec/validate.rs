//! The checks of `Message::validate` in generated code, in the same order and with the same texts.

use std::fmt::Display;

use mycelium_codegen::internal::layout::SlotKind;
use mycelium_codegen::internal::model::{Field, Message, Type};
use mycelium_codegen::internal::rules::{self, Number, Subject};

use super::body::{Body, Stored};
use super::types::{Types, is_zero, unsized_bytes};

type Checked = Result<(), String>;

impl Types<'_> {
    /// Whether all bits of a body are valid values. The body is as long as its layout.
    pub(super) fn are_message(&self, message: &Message, body: &Body<'_>) -> bool {
        body.layout.slots().all(|slot| match slot.kind {
            SlotKind::Padding => is_zero(body.slot(slot)),
            SlotKind::Presence | SlotKind::Length(_) => true,
            SlotKind::Value(field) => self.are_value(&message.fields[field].ty, body.slot(slot)),
        })
    }

    /// Lengths, text and unused bytes, then the rules of the contract.
    pub(super) fn validate(&self, message: &Message, body: &Body<'_>) -> Checked {
        if !body.has_clean_presence(message) {
            return Err(format!("`presence bits` of `{}` {UNUSED}", message.name));
        }
        let stored = body.stored(message);
        for (field, stored) in message.fields.iter().zip(&stored) {
            self.structure(field, stored).map_err(|rule| about(message, field, rule))?;
        }
        for (field, stored) in message.fields.iter().zip(&stored).filter(|(_, stored)| stored.is_present) {
            self.rules(field, stored).map_err(|rule| about(message, field, rule))?;
        }
        Ok(())
    }

    fn structure(&self, field: &Field, stored: &Stored<'_>) -> Checked {
        if !stored.is_present {
            let is_filler = match stored.length {
                Some(length) => length == 0,
                None => stored.bytes == self.filler(&field.ty),
            };
            held(is_filler, UNUSED)?;
        }
        let (Type::List(element, bound), Some(length)) = (&field.ty, stored.length) else {
            return self.content(&field.ty, stored.bytes);
        };
        held(
            length <= *bound as usize,
            format_args!("has more than {}", rules::sized(self.schema, &field.ty, *bound)),
        )?;
        let filler = self.filler(element);
        let mut slots = self.elements(element, stored.bytes);
        held(slots.clone().skip(length).all(|slot| slot == filler), UNUSED)?;
        slots.by_ref().take(length).try_for_each(|slot| self.content(element, slot))
    }

    /// The content of text and bytes.
    fn content(&self, ty: &Type, bytes: &[u8]) -> Checked {
        match self.schema.resolve(ty) {
            Type::Str(bound) | Type::Bytes(bound) => {
                let (length, content) = unsized_bytes(bytes);
                let (used, unused) = content
                    .split_at_checked(length)
                    .ok_or_else(|| format!("is longer than {}", rules::sized(self.schema, ty, *bound)))?;
                held(is_zero(unused), UNUSED)?;
                let is_text = matches!(self.schema.resolve(ty), Type::Str(_));
                held(!is_text || std::str::from_utf8(used).is_ok(), "is not UTF-8")
            }
            _ => Ok(()),
        }
    }

    fn rules(&self, field: &Field, stored: &Stored<'_>) -> Checked {
        let rules = field.rules.by_turn();
        if rules.is_empty() {
            return Ok(());
        }
        let value = self.subject(&field.ty, stored);
        match rules.into_iter().find(|set| !set.keeps(&value)) {
            Some(broken) => Err(broken.refusal(self.schema, &field.ty, &value)),
            None => Ok(()),
        }
    }

    fn subject(&self, ty: &Type, stored: &Stored<'_>) -> Subject {
        let is_zero = self.is_zero_value(ty, stored.bytes);
        let length = match self.schema.resolve(ty) {
            Type::Str(_) | Type::Bytes(_) => Some(unsized_bytes(stored.bytes).0),
            _ => stored.length,
        };
        Subject { number: self.number(ty, stored.bytes), length, is_zero }
    }

    /// Floats are compared by value, also inside arrays: a negative zero is zero.
    fn is_zero_value(&self, ty: &Type, bytes: &[u8]) -> bool {
        match (self.schema.resolve(ty), self.number(ty, bytes)) {
            (Type::Array(element, _), _) => {
                self.elements(element, bytes).all(|bytes| self.is_zero_value(element, bytes))
            }
            (_, Some(Number::Single(value))) => value == 0.0,
            (_, Some(Number::Double(value))) => value == 0.0,
            (_, Some(Number::Whole(_)) | None) => is_zero(bytes),
        }
    }
}

const UNUSED: &str = "has unused bytes that are not in their canonical form";

fn about(message: &Message, field: &Field, rule: String) -> String {
    format!("`{}` of `{}` {rule}", field.name, message.name)
}

fn held(condition: bool, rule: impl Display) -> Checked {
    if condition { Ok(()) } else { Err(rule.to_string()) }
}
