//! A snapshot as the text of a lock.

use std::fmt::{Display, Write as _};

use crate::evolution::Usage;

use super::snapshot::{FieldFacts, MemberFacts, MessageFacts, Shape, Snapshot, TypeFacts};

/// The version of the format. A lock of a later format is refused, so that none of its facts is ignored.
pub(super) const FORMAT: u16 = 1;

const HEADER: &str = "\
# What these contracts promise to programs that were built before: one fact a line, each compared with the contracts by
# every build and by `mycelium check`. Written by `mycelium lock`; commit it, and don't edit it.
";

/// Writes all facts: first those of the schema, then messages by name with their fields by offset, then types by name.
pub(crate) fn text(snapshot: &Snapshot) -> String {
    let mut out = Lines { text: HEADER.to_owned() };
    out.line("format", FORMAT);
    out.line("schema", &snapshot.name.value);
    out.line("version", snapshot.version.value);
    out.line("min_compatible", snapshot.min_compatible.value);
    reserved(&mut out, snapshot);
    for (name, message) in &snapshot.messages {
        out.text.push('\n');
        self::message(&mut out, name, message);
    }
    let usage = Usage::of(snapshot);
    for (name, ty) in &snapshot.types {
        out.text.push('\n');
        type_def(&mut out, name, ty);
        if let Shape::Enum { first: Some(first), .. } = ty.shape
            && !usage.filled(name).is_empty()
        {
            out.line(format_args!("type {name} first"), first);
        }
    }
    out.text
}

/// Lines of the form `what = value`.
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, what: impl Display, value: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{what} = {value}");
    }
}

fn reserved(out: &mut Lines, snapshot: &Snapshot) {
    let mut ranges: Vec<_> =
        snapshot.reserved_ids.iter().map(|range| (*range.value.start(), *range.value.end())).collect();
    ranges.sort_unstable();
    ranges.dedup();
    for (first, last) in ranges {
        if first == last {
            out.line("reserved id", first);
        } else {
            out.line("reserved id", format_args!("{first}-{last}"));
        }
    }
    let mut names: Vec<&str> = snapshot.reserved_names.iter().map(|name| name.value.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.iter().for_each(|name| out.line("reserved name", super::snapshot::quoted(name)));
}

fn message(out: &mut Lines, name: &str, message: &MessageFacts) {
    out.line(format_args!("message {name}"), message.id.value);
    out.line(format_args!("message {name} topic"), &message.topic.value);
    if message.deprecated.is_some() {
        out.line(format_args!("message {name} deprecated"), true);
    }
    if message.redacted.is_some() {
        out.line(format_args!("message {name} redacted"), true);
    }
    for layout in &message.layouts {
        let layout = layout.value;
        let value = format_args!("{} bytes, 0x{:016x}", layout.size, layout.hash);
        out.line(format_args!("message {name} layout {}", layout.version), value);
    }
    message.fields.iter().for_each(|field| self::field(out, name, field));
}

fn field(out: &mut Lines, message: &str, field: &FieldFacts) {
    let name = &field.name.value;
    let optional = if field.optional { ", optional" } else { "" };
    let mut value = format!("offset {}, {}{optional}", field.offset, field.ty.value);
    if field.since.value > 1 {
        let _ = write!(value, ", since {}", field.since.value);
    }
    out.line(format_args!("message {message} field {name}"), value);
    for (attribute, value) in &field.attributes {
        out.line(format_args!("message {message} field {name} {}", attribute.name()), &value.value);
    }
}

fn type_def(out: &mut Lines, name: &str, ty: &TypeFacts) {
    let shape = match &ty.shape {
        Shape::Decimal { repr, scale } => format!("decimal {repr}, scale {scale}"),
        Shape::Newtype { inner } => format!("newtype {inner}"),
        Shape::Enum { repr, open: false, .. } => format!("enum {repr}"),
        Shape::Enum { repr, open: true, .. } => format!("open enum {repr}"),
        Shape::Flags { repr, .. } => format!("flags {repr}"),
        Shape::Struct { .. } => "struct".to_owned(),
        Shape::Oneof { .. } => "oneof".to_owned(),
    };
    out.line(format_args!("type {name}"), format_args!("{shape}, 0x{:016x}", ty.hash));
    match &ty.shape {
        Shape::Decimal { .. } | Shape::Newtype { .. } => {}
        Shape::Enum { variants: values, .. } | Shape::Flags { bits: values, .. } => {
            let what = if matches!(ty.shape, Shape::Flags { .. }) { "bit" } else { "variant" };
            values.iter().for_each(|it| out.line(format_args!("type {name} {what} {}", it.name.value), it.value));
        }
        Shape::Struct { members } => self::members(out, format_args!("type {name}"), members),
        Shape::Oneof { variants } => {
            for variant in variants {
                let what = format!("type {name} variant {}", variant.name.value);
                out.line(&what, variant.tag);
                self::members(out, &what, &variant.members);
            }
        }
    }
}

fn members(out: &mut Lines, owner: impl Display, members: &[MemberFacts]) {
    for member in members {
        let value = format_args!("offset {}, {}", member.offset, member.ty.value);
        out.line(format_args!("{owner} field {}", member.name.value), value);
    }
}
