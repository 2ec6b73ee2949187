//! Hashes of layouts: two programs with equal hashes read each other's bytes alike.
//!
//! A hash is the 64-bit FNV-1a hash of a canonical text of the structure, without docs, rules and defaults. The text has no names either,
//! since a rename changes no byte; the lock detects fields that changed places. A type that contains another one has the hash of
//! that type in its text.

use std::fmt::Write as _;

use crate::facts::Facts;
use crate::layout::{MessageLayout, SlotKind};
use crate::model::{Member, Message, Type, TypeDef, TypeKind, int_name, scalar_name};

/// The hash of each layout of a message, oldest first.
pub fn of_layouts(facts: &Facts, message: &Message, layout: &MessageLayout) -> Vec<u64> {
    let mut text = format!("message {}\n", message.id);
    let mut digests = Vec::new();
    for group in &layout.groups {
        for slot in &group.slots {
            let SlotKind::Value(index) = slot.kind else { continue };
            let field = &message.fields[index];
            let presence = if field.optional { "optional " } else { "" };
            line(&mut text, format_args!("{} {presence}{}", slot.offset, type_text(facts, &field.ty)));
        }
        digests.push(fnv1a(text.as_bytes()));
    }
    digests
}

/// The hash of a type expression.
pub(crate) fn of_type(facts: &Facts, ty: &Type) -> u64 {
    match ty {
        Type::Named(id) => facts.named(*id).digest,
        _ => fnv1a(type_text(facts, ty).as_bytes()),
    }
}

/// The hash of a named type. For open enums and flags only the integer counts, since values can be added to them.
pub(crate) fn of_type_def(facts: &Facts, def: &TypeDef) -> u64 {
    let mut text = String::new();
    match &def.kind {
        TypeKind::Decimal { repr, scale } => line(&mut text, format_args!("decimal {} {scale}", int_name(*repr))),
        TypeKind::Newtype(inner) => line(&mut text, format_args!("newtype {}", type_text(facts, inner))),
        TypeKind::Enum { repr, open: true, .. } => line(&mut text, format_args!("open enum {}", int_name(*repr))),
        TypeKind::Enum { repr, open: false, variants } => {
            line(&mut text, format_args!("enum {}", int_name(*repr)));
            let mut values: Vec<i128> = variants.iter().map(|variant| variant.value).collect();
            values.sort_unstable();
            values.iter().for_each(|value| line(&mut text, format_args!("{value}")));
        }
        TypeKind::Flags { repr, .. } => line(&mut text, format_args!("flags {}", int_name(*repr))),
        TypeKind::Struct(members) => {
            text.push_str("struct\n");
            members_text(facts, &mut text, members);
        }
        TypeKind::Oneof(variants) => {
            text.push_str("oneof\n");
            for variant in variants {
                text.push_str("variant\n");
                members_text(facts, &mut text, &variant.members);
            }
        }
    }
    fnv1a(text.as_bytes())
}

fn members_text(facts: &Facts, text: &mut String, members: &[Member]) {
    members.iter().for_each(|member| line(text, format_args!("{}", type_text(facts, &member.ty))));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{content}");
}

fn type_text(facts: &Facts, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => scalar_name(*scalar).to_owned(),
        Type::Named(id) => format!("{:016x}", facts.named(*id).digest),
        Type::Array(element, count) => format!("[{}; {count}]", type_text(facts, element)),
        Type::Str(bound) => format!("str<={bound}"),
        Type::Bytes(bound) => format!("bytes<={bound}"),
        Type::List(element, bound) => format!("[{}]<={bound}", type_text(facts, element)),
    }
}

/// FNV-1a of 64 bits, by G. Fowler, L. C. Noll and K.-P. Vo: <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors published with the algorithm.
    #[test]
    fn fnv1a_agrees_with_its_authors() {
        for (text, hash) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(fnv1a(text.as_bytes()), hash, "{text:?}");
        }
    }
}
