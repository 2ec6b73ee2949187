//! What `Message::validate` of generated code checks, in the same order and with the same words.

use std::cmp::Ordering;
use std::fmt::Display;

use super::body::{Body, Stored};
use super::number::{Number, Whole};
use super::types::{Types, is_zero, unsized_bytes};
use crate::bound::{bound_text, compare};
use crate::layout::SlotKind;
use crate::model::{Field, Literal, Message, Scalar, Type};

type Checked = Result<(), String>;

impl Types<'_> {
    /// Whether all bits of a body, as long as its layout, are values.
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
            return Err(format!("`presence` of `{}` {UNUSED}", message.name));
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
        held(length <= *bound as usize, more_than(bound))?;
        let filler = self.filler(element);
        let mut slots = self.elements(element, stored.bytes);
        held(slots.clone().skip(length).all(|slot| slot == filler), UNUSED)?;
        slots.by_ref().take(length).try_for_each(|slot| self.content(element, slot))
    }

    /// The inside of text and bytes.
    fn content(&self, ty: &Type, bytes: &[u8]) -> Checked {
        match self.schema.resolve(ty) {
            Type::Str(bound) | Type::Bytes(bound) => {
                let (length, content) = unsized_bytes(bytes);
                let (used, unused) = content.split_at_checked(length).ok_or_else(|| longer_than(bound))?;
                held(is_zero(unused), UNUSED)?;
                let is_text = matches!(self.schema.resolve(ty), Type::Str(_));
                held(!is_text || std::str::from_utf8(used).is_ok(), "is not UTF-8")
            }
            _ => Ok(()),
        }
    }

    fn rules(&self, field: &Field, stored: &Stored<'_>) -> Checked {
        let rules = &field.rules;
        let number = self.number(&field.ty, stored.bytes);
        let text = |bound| bound_text(self.schema, &field.ty, bound);
        held(!rules.finite || number.is_some_and(is_finite), "is not finite")?;
        for (bound, wrong, text_of) in
            [(&rules.min, Ordering::Less, "below the minimum"), (&rules.max, Ordering::Greater, "above the maximum")]
        {
            let Some(bound) = bound else { continue };
            let order = number.and_then(|number| order(number, bound)).ok_or("is not a number")?;
            held(order != wrong, format_args!("is {text_of} {}", text(bound)))?;
        }
        held(!rules.not_zero || self.is_not_zero(&field.ty, stored.bytes), "is zero")?;
        let length = || stored.length.unwrap_or_else(|| unsized_bytes(stored.bytes).0);
        held(!rules.not_empty || length() > 0, "is empty")?;
        let is_list = matches!(self.schema.resolve(&field.ty), Type::List(..));
        if let Some(bound) = rules.min_length {
            let fewer = if is_list { fewer_than(&bound) } else { shorter_than(&bound) };
            held(length() >= bound as usize, fewer)?;
        }
        if let Some(bound) = rules.max_length {
            let more = if is_list { more_than(&bound) } else { longer_than(&bound) };
            held(length() <= bound as usize, more)?;
        }
        Ok(())
    }

    /// Of a float its value counts, of all else its bits.
    fn is_not_zero(&self, ty: &Type, bytes: &[u8]) -> bool {
        match self.schema.resolve(ty) {
            Type::Scalar(Scalar::F32 | Scalar::F64) => match self.number(ty, bytes) {
                Some(Number::Single(value)) => value != 0.0,
                Some(Number::Double(value)) => value != 0.0,
                _ => false,
            },
            _ => !is_zero(bytes),
        }
    }
}

const UNUSED: &str = "has unused bytes that are not in their canonical form";

fn longer_than(bound: &u32) -> String {
    format!("is longer than {bound} byte{}", plural(bound))
}

fn shorter_than(bound: &u32) -> String {
    format!("is shorter than {bound} byte{}", plural(bound))
}

fn more_than(bound: &u32) -> String {
    format!("has more than {bound} element{}", plural(bound))
}

fn fewer_than(bound: &u32) -> String {
    format!("has fewer than {bound} element{}", plural(bound))
}

fn plural(count: &u32) -> &'static str {
    if *count == 1 { "" } else { "s" }
}

fn about(message: &Message, field: &Field, rule: String) -> String {
    format!("`{}` of `{}` {rule}", field.name, message.name)
}

fn held(condition: bool, rule: impl Display) -> Checked {
    if condition { Ok(()) } else { Err(rule.to_string()) }
}

fn is_finite(number: Number) -> bool {
    match number {
        Number::Whole(_) => true,
        Number::Single(value) => value.is_finite(),
        Number::Double(value) => value.is_finite(),
    }
}

/// How a number compares with a bound; NaN with none.
fn order(number: Number, bound: &Literal) -> Option<Ordering> {
    match (number, bound) {
        (Number::Whole(Whole::Signed(value)), bound) => compare(&Literal::Int(value), bound),
        (Number::Whole(Whole::Wide(bytes)), bound) => compare(&Literal::Wide(bytes), bound),
        (Number::Single(value), Literal::Float(bound)) => value.partial_cmp(&bound.parse().ok()?),
        (Number::Double(value), Literal::Float(bound)) => value.partial_cmp(&bound.parse().ok()?),
        _ => None,
    }
}
