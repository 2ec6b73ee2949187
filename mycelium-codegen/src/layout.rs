//! The layout of messages: the offset of every byte.
//!
//! The fields of each `since` form a group, in declared order and at natural alignment. A group starts at a multiple of 8 with the
//! presence bits of its optional fields, and is padded to a multiple of 8. So a newer version only appends groups, and the length of a
//! body tells its version.

use crate::facts::Facts;
use crate::model::{Field, Message, Type};

/// The alignment of every message and of every group of fields.
pub(crate) const ALIGNMENT: u64 = 8;

/// One message, laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageLayout {
    /// Oldest first, never empty: the first group is that of version 1, which may have no fields.
    pub groups: Vec<Group>,
}

impl MessageLayout {
    /// Bytes of a body in the last layout.
    pub fn size(&self) -> u64 {
        self.groups.last().map_or(0, |group| group.end)
    }

    /// The slots of all groups, by offset.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.groups.iter().flat_map(|group| &group.slots)
    }
}

/// The fields that one schema version added.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The version.
    pub since: u16,
    /// By offset, without gaps.
    pub slots: Vec<Slot>,
    /// The size of a body that ends with this group.
    pub end: u64,
}

/// A range of bytes with one purpose: a field of the generated struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Bytes from the start of the body.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// What it is for.
    pub kind: SlotKind,
}

/// The purpose of a slot. A field is its index in the message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SlotKind {
    /// The presence bits of the optional fields of a group.
    Presence,
    /// The length of a list, a `u16`.
    Length(usize),
    /// The value of a field; for a list, its elements.
    Value(usize),
    /// Zeros.
    Padding,
}

/// Lays out one message. Sizes saturate instead of overflowing.
pub fn lay_out(facts: &Facts, message: &Message) -> MessageLayout {
    let mut groups = Vec::new();
    let mut offset = 0;
    for since in versions(message) {
        let fields = message.fields.iter().enumerate().filter(|(_, field)| field.since.max(1) == since);
        let group = lay_out_group(facts, since, offset, fields.collect());
        offset = group.end;
        groups.push(group);
    }
    MessageLayout { groups }
}

/// The versions that have a layout: 1, and each that added fields.
fn versions(message: &Message) -> Vec<u16> {
    let mut versions: Vec<u16> = message.fields.iter().map(|field| field.since).chain([1]).collect();
    versions.retain(|version| *version > 0);
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn lay_out_group(facts: &Facts, since: u16, start: u64, fields: Vec<(usize, &Field)>) -> Group {
    let mut slots = Slots { slots: Vec::new(), offset: start };
    let optionals = fields.iter().filter(|(_, field)| field.optional).count() as u64;
    if optionals > 0 {
        slots.push(SlotKind::Presence, optionals.div_ceil(8), 1);
    }
    for (index, field) in fields {
        let mut ty = (facts.size(&field.ty), facts.align(&field.ty));
        if let Type::List(element, count) = &field.ty {
            slots.push(SlotKind::Length(index), 2, 2);
            ty = (facts.size(element).saturating_mul(u64::from(*count)), facts.align(element));
        }
        slots.push(SlotKind::Value(index), ty.0, ty.1);
    }
    slots.pad_to(ALIGNMENT);
    Group { since, end: slots.offset, slots: slots.slots }
}

/// Slots under construction.
struct Slots {
    slots: Vec<Slot>,
    offset: u64,
}

impl Slots {
    fn push(&mut self, kind: SlotKind, size: u64, align: u64) {
        self.pad_to(align);
        self.slots.push(Slot { offset: self.offset, size, kind });
        self.offset = self.offset.saturating_add(size);
    }

    fn pad_to(&mut self, align: u64) {
        let end = align_up(self.offset, align);
        if end > self.offset {
            self.slots.push(Slot { offset: self.offset, size: end - self.offset, kind: SlotKind::Padding });
            self.offset = end;
        }
    }
}

/// The next multiple of `align`; the value itself if that does not fit a `u64`.
pub fn align_up(value: u64, align: u64) -> u64 {
    value.checked_next_multiple_of(align).unwrap_or(value)
}
