//! Structs, and what they share with the variants of oneofs.

use super::attributes::{ALLOWED, allow_same_name};
use super::proofs::{ReadPart, readable};
use super::text::{Expr, Writer, list, literal, text};
use super::{Context, documented};
use crate::facts::TypeFacts;
use crate::model::{Member, TypeDef};
use crate::names::{free_name, ident};
use crate::prose;

/// A field of a struct type or a oneof variant, or the padding before the next one.
pub(super) enum Part<'a> {
    Member(&'a Member),
    /// A name and the number of bytes.
    Padding(String, u64),
}

/// The fields in order, from `start` to `end`, with explicit padding where `repr(C)` would add it.
pub(super) fn parts<'a>(cx: &Context<'_>, members: &'a [Member], start: u64, end: u64) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut filled = start;
    for (member, offset) in members.iter().zip(cx.facts.offsets(members, start)) {
        pad(&mut parts, members, &mut filled, offset);
        parts.push(Part::Member(member));
        filled += cx.facts.size(&member.ty);
    }
    pad(&mut parts, members, &mut filled, end);
    parts
}

/// Adds padding up to `end`: the rest of 8 bytes, then multiples of 8.
fn pad(parts: &mut Vec<Part<'_>>, members: &[Member], offset: &mut u64, end: u64) {
    for size in [(end - *offset) % 8, (end - *offset) / 8 * 8] {
        if size > 0 {
            let number = parts.iter().filter(|part| matches!(part, Part::Padding(..))).count();
            let is_taken = |name: &str| members.iter().any(|member| member.name == name);
            parts.push(Part::Padding(free_name(&format!("_padding_{number}"), is_taken), size));
        }
    }
    *offset = end;
}

/// The type of padding of this size: at most 8, or a multiple of 8.
pub(super) fn padding(size: u64) -> String {
    match size {
        0..=8 => format!("__rt::Zero{size}"),
        _ => format!("[__rt::Zero8; {}]", size / 8),
    }
}

/// `name: value` for each part, with zeros for padding.
pub(super) fn initialisers(parts: &[Part<'_>], value: impl Fn(&Member) -> String) -> Vec<Expr> {
    parts
        .iter()
        .map(|part| match part {
            Part::Member(member) => match (ident(&member.name), value(member)) {
                (name, value) if name == value => text(name),
                (name, value) => text(format!("{name}: {value}")),
            },
            Part::Padding(name, _) => text(format!("{name}: __rt::Filler::FILLER")),
        })
        .collect()
}

/// `name: Type` for each member: the arguments of a constructor.
pub(super) fn arguments(cx: &Context<'_>, members: &[Member]) -> Vec<String> {
    members.iter().map(|member| format!("{}: {}", argument(cx, members, member), cx.stored(&member.ty))).collect()
}

/// The argument for a member. It has the member's name, unless that may be a constant or tuple struct, which an argument can't hide, or has
/// no letters, such as `_1`.
pub(super) fn argument(cx: &Context<'_>, members: &[Member], member: &Member) -> String {
    let name = &member.name;
    let has_letters = name.contains(|letter: char| letter.is_ascii_alphabetic());
    let is_type = cx.schema.types.iter().any(|def| def.name == *name);
    if has_letters && crate::names::is_snake_case(name) && !is_type {
        return ident(name);
    }
    let prefix = if has_letters { "__" } else { "__value_" };
    free_name(&format!("{prefix}{name}"), |name| members.iter().any(|member| member.name == name))
}

/// Silences clippy where a constructor has many arguments.
pub(super) fn allow_many_arguments(w: &mut Writer, members: &[Member]) {
    if members.len() > 7 {
        w.line("#[allow(clippy::too_many_arguments)]");
    }
}

/// The filler of a member's type.
pub(super) fn filler(cx: &Context<'_>, member: &Member) -> String {
    format!("<{} as __rt::Filler>::FILLER", cx.stored(&member.ty))
}

/// The doc of a member: the contract's, else `fallback`.
pub(super) fn member_doc(w: &mut Writer, member: &Member, fallback: &str) {
    let doc = member.doc.as_deref().filter(|doc| !doc.trim().is_empty()).unwrap_or(fallback);
    w.doc(doc);
    if let Some(unit) = &member.unit {
        if !doc.is_empty() {
            w.line("///");
        }
        w.doc(&format!("Unit: {}.", prose::on_one_line(unit)));
    }
}

/// The arguments of `__rt::debug`: the formatter, the name, and the names and values of the printed fields.
pub(super) fn debug_arguments<'m>(name: &str, members: impl IntoIterator<Item = (&'m str, String)>) -> [Expr; 4] {
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    let names = names.into_iter().map(|name| text(format!("{name:?}")));
    [text("__f"), text(format!("{name:?}")), list("&[", names, "]"), list("&[", values.iter().map(text), "]")]
}

pub(super) fn structure(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, members: &[Member]) {
    let name = &ident(&def.name);
    let parts = parts(cx, members, 0, facts.size);
    let is_padded = parts.len() > members.len();
    documented(w, def.doc.as_deref(), "A struct with fields of fixed size.");
    cx.derives(w, TypeFacts { is_ordered: false, ..facts }, !is_padded);
    cx.zerocopy(w, facts);
    w.line("#[repr(C)]");
    w.line(ALLOWED);
    w.block(format_args!("pub struct {name}"), |w| {
        for part in &parts {
            match part {
                Part::Member(member) => {
                    member_doc(w, member, "");
                    w.line(format_args!("pub {}: {},", ident(&member.name), cx.stored(&member.ty)));
                }
                Part::Padding(name, size) => w.line(format_args!("{name}: {},", padding(*size))),
            }
        }
    });
    allow_same_name(w, &def.name, ["new"]);
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        w.doc("Creates it from its fields, in declared order.");
        allow_many_arguments(w, members);
        w.line("#[inline]");
        w.line("#[must_use]");
        w.function("pub const fn new", &arguments(cx, members), "Self", |w| {
            w.expr(&literal("Self", initialisers(&parts, |member| argument(cx, members, member)), ""));
        });
    });
    if is_padded {
        w.block(format_args!("impl ::core::fmt::Debug for {name}"), |w| {
            let entries = members.iter().map(|member| (member.name.as_str(), format!("&self.{}", ident(&member.name))));
            w.line("#[inline]");
            w.function("fn fmt", &formatter(), "::core::fmt::Result", |w| {
                w.expr(&list("__rt::debug(", debug_arguments(&def.name, entries), ")"));
            });
        });
    }
    w.block(format_args!("impl __rt::Filler for {name}"), |w| {
        w.expr(&literal("const FILLER: Self = Self", initialisers(&parts, |member| filler(cx, member)), ";"));
    });
    w.line(format_args!("__rt::impl_default!({name});"));
    let parts: Vec<_> = parts.iter().map(|part| to_read(cx, part)).collect();
    readable(w, name, &parts);
}

fn to_read(cx: &Context<'_>, part: &Part<'_>) -> ReadPart {
    match part {
        Part::Member(member) => {
            ReadPart { name: ident(&member.name), ty: cx.stored(&member.ty), is_any: cx.facts.ty(&member.ty).is_plain }
        }
        Part::Padding(name, size) => ReadPart { name: name.clone(), ty: padding(*size), is_any: false },
    }
}

/// The names of members and padding, in order.
pub(super) fn names(parts: &[Part<'_>]) -> Vec<String> {
    let name = |part: &Part<'_>| match part {
        Part::Member(member) => ident(&member.name),
        Part::Padding(name, _) => name.clone(),
    };
    parts.iter().map(name).collect()
}

/// The arguments of `fmt`.
pub(super) fn formatter() -> Vec<String> {
    vec!["&self".to_owned(), "__f: &mut ::core::fmt::Formatter<'_>".to_owned()]
}
