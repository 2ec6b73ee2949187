//! The bytes of one message, field by field.

use mycelium_codegen::internal::layout::{MessageLayout, Slot, SlotKind};
use mycelium_codegen::internal::model::Message;

use super::types::{index, part};

/// A body as long as the last layout of its message.
#[derive(Clone, Copy)]
pub(super) struct Body<'a> {
    pub(super) layout: &'a MessageLayout,
    pub(super) bytes: &'a [u8],
}

/// One field in a body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stored<'a> {
    /// The value; for a list, all of its slots.
    pub(super) bytes: &'a [u8],
    /// For a list: its length, as stored.
    pub(super) length: Option<usize>,
    /// False for an optional whose bit is not set.
    pub(super) is_present: bool,
}

impl<'a> Body<'a> {
    pub(super) fn slot(&self, slot: &Slot) -> &'a [u8] {
        part(self.bytes, index(slot.offset), index(slot.offset + slot.size))
    }

    /// The fields in declared order.
    pub(super) fn stored(&self, message: &Message) -> Vec<Stored<'a>> {
        let mut fields = vec![Stored { is_present: true, ..Stored::default() }; message.fields.len()];
        for group in &self.layout.groups {
            let mut presence: &[u8] = &[];
            let mut optionals = 0;
            for slot in &group.slots {
                match slot.kind {
                    SlotKind::Padding => {}
                    SlotKind::Presence => presence = self.slot(slot),
                    SlotKind::Length(field) => fields[field].length = self.slot(slot).first_chunk().map(length),
                    SlotKind::Value(field) => {
                        fields[field].bytes = self.slot(slot);
                        if message.fields[field].optional {
                            fields[field].is_present = bit(presence, optionals);
                            optionals += 1;
                        }
                    }
                }
            }
        }
        fields
    }

    /// Whether no unused presence bit is set.
    pub(super) fn has_clean_presence(&self, message: &Message) -> bool {
        self.layout.groups.iter().all(|group| {
            let is_optional =
                |slot: &&Slot| matches!(slot.kind, SlotKind::Value(field) if message.fields[field].optional);
            let optionals = group.slots.iter().filter(is_optional).count();
            let bytes = group.slots.iter().find(|slot| slot.kind == SlotKind::Presence).map(|slot| self.slot(slot));
            let last = bytes.and_then(|bytes| bytes.last()).copied().unwrap_or_default();
            optionals % 8 == 0 || last >> (optionals % 8) == 0
        })
    }
}

fn length(bytes: &[u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(*bytes))
}

fn bit(presence: &[u8], index: usize) -> bool {
    presence.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}
