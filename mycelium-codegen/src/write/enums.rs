//! Enums, open and closed, and flags.

use super::names::{ALLOWED, ident};
use super::text::{Writer, list, text};
use super::{Context, documented};
use crate::digest::int_name;
use crate::facts::TypeFacts;
use crate::model::{Bit, Int, TypeDef, Variant};
use crate::names::screaming_case;

pub(super) fn closed(
    cx: &Context<'_>,
    w: &mut Writer,
    def: &TypeDef,
    facts: TypeFacts,
    repr: Int,
    variants: &[Variant],
) {
    let (name, int) = (&ident(&def.name), int_name(repr));
    documented(w, def.doc.as_deref(), &format!("One of {} values.", variants.len()));
    cx.derives(w, facts, true);
    cx.zerocopy(w, facts);
    w.line(format_args!("#[repr({int})]"));
    w.line(ALLOWED);
    w.block(format_args!("pub enum {name}"), |w| {
        for variant in variants {
            documented(w, variant.doc.as_deref(), &format!("Value {}.", variant.value));
            w.line(format_args!("{} = {},", ident(&variant.name), variant.value));
        }
    });
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        w.doc("Every value, in declared order.");
        let all = variants.iter().map(|variant| text(format!("Self::{}", ident(&variant.name))));
        w.expr(&list("pub const ALL: &'static [Self] = &[", all, "];"));
        w.doc("The name in the contract.");
        let names = variants.iter().map(|variant| (format!("Self::{}", ident(&variant.name)), variant));
        name_function(
            w,
            "self",
            "&'static str",
            names.map(|(pattern, variant)| format!("{pattern} => {:?},", variant.name)),
        );
    });
    from_integer(cx, w, def, int, variants);
    w.line(format_args!("__rt::readable_enum!({name}, {int});"));
    w.block(format_args!("impl ::core::convert::From<{name}> for {int}"), |w| {
        w.line("#[inline]");
        w.function("fn from", &[format!("__value: {name}")], "Self", |w| w.line("__value as Self"));
    });
    if let Some(first) = variants.first() {
        w.line(format_args!("__rt::impl_filler!({name}, Self::{});", ident(&first.name)));
    }
}

fn from_integer(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, int: &str, variants: &[Variant]) {
    let name = ident(&def.name);
    w.block(format_args!("impl ::core::convert::TryFrom<{int}> for {name}"), |w| {
        w.line(format_args!("type Error = {}::UnknownVariant;", cx.runtime));
        // Not `Self::Error`, which a variant of that name would make ambiguous.
        let output = format!("::core::result::Result<Self, {}::UnknownVariant>", cx.runtime);
        w.line("#[inline]");
        w.function("fn try_from", &[format!("__value: {int}")], &output, |w| {
            w.block("match __value", |w| {
                for variant in variants {
                    let value = variant.value;
                    w.line(format_args!("{value} => ::core::result::Result::Ok(Self::{}),", ident(&variant.name)));
                }
                if !covers(int, variants.len()) {
                    w.line(format_args!("_ => __rt::unknown_variant({:?}, __value),", def.name));
                }
            });
        });
    });
}

/// Every integer is a variant, so that another arm would be unreachable.
fn covers(int: &str, variants: usize) -> bool {
    matches!(int, "u8" | "i8") && variants == 256 || matches!(int, "u16" | "i16") && variants == 65_536
}

pub(super) fn open(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, repr: Int, variants: &[Variant]) {
    let (name, int) = (&ident(&def.name), int_name(repr));
    documented(w, def.doc.as_deref(), "An open set of values.");
    w.line("///");
    w.line("/// A value without a name survives: a newer program may know it.");
    wrapper(cx, w, name, facts, int);
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        for variant in variants {
            documented(w, variant.doc.as_deref(), &format!("Value {}.", variant.value));
            w.line(format_args!("pub const {}: Self = Self({});", screaming_case(&variant.name), variant.value));
        }
        w.doc("The name in the contract, or `None` for a value that this program does not know.");
        let some = variants
            .iter()
            .map(|variant| format!("{} => ::core::option::Option::Some({:?}),", variant.value, variant.name));
        let other = (!covers(int, variants.len())).then(|| "_ => ::core::option::Option::None,".to_owned());
        name_function(w, "self.0", "::core::option::Option<&'static str>", some.chain(other));
    });
    w.line(format_args!("__rt::open_enum!({name}, {int});"));
}

fn name_function(w: &mut Writer, value: &str, output: &str, arms: impl Iterator<Item = String>) {
    w.line("#[inline]");
    w.line("#[must_use]");
    w.function("pub const fn name", &["self".to_owned()], output, |w| {
        w.block(format_args!("match {value}"), |w| arms.for_each(|arm| w.line(arm)));
    });
}

/// The integer that an open enum or a set of flags is, under its name.
fn wrapper(cx: &Context<'_>, w: &mut Writer, name: &str, facts: TypeFacts, int: &str) {
    cx.derives(w, facts, false);
    cx.zerocopy(w, facts);
    w.line("#[repr(transparent)]");
    w.line(ALLOWED);
    w.line(format_args!("pub struct {name}(pub {int});"));
}

pub(super) fn flags(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, repr: Int, bits: &[Bit]) {
    let (name, int) = (&ident(&def.name), int_name(repr));
    documented(w, def.doc.as_deref(), "A set of bits.");
    w.line("///");
    w.line("/// A bit without a name survives: a newer program may know it.");
    wrapper(cx, w, name, facts, int);
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        for bit in bits {
            documented(w, bit.doc.as_deref(), &format!("Bit {}.", bit.position));
            w.line(format_args!("pub const {}: Self = Self(1 << {});", screaming_case(&bit.name), bit.position));
        }
    });
    w.block(format_args!("impl __rt::FlagNames for {name}"), |w| {
        let names = bits.iter().map(|bit| text(format!("({:?}, {})", bit.name, bit.position)));
        w.expr(&list("const NAMES: &'static [(&'static str, u32)] = &[", names, "];"));
    });
    w.line(format_args!("__rt::flags!({name}, {int});"));
}
