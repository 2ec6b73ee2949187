//! Enums, open and closed, and flags.

use super::attributes::ALLOWED;
use super::text::{Writer, list, text};
use super::{Context, documented};
use crate::facts::TypeFacts;
use crate::model::int_name;
use crate::model::{Bit, Int, TypeDef, Variant};
use crate::names::ident;
use crate::names::screaming_case;

/// The most variants for a `match`. The work of rustc grows with the square of its arms, so larger enums look their values up in tables of
/// the runtime.
const LARGE: usize = 256;

pub(super) fn closed(
    cx: &Context<'_>,
    w: &mut Writer,
    def: &TypeDef,
    facts: TypeFacts,
    repr: Int,
    variants: &[Variant],
) {
    let (name, int) = (&ident(&def.name), int_name(repr));
    let is_large = variants.len() > LARGE;
    documented(w, def.doc.as_deref(), &format!("One of {} values.", variants.len()));
    cx.derives(w, facts, !is_large);
    cx.zerocopy(w, facts);
    w.line(format_args!("#[repr({int})]"));
    w.line(ALLOWED);
    w.block(format_args!("pub enum {name}"), |w| {
        let mut next = None;
        for variant in variants {
            w.doc(variant.doc.as_deref().unwrap_or_default());
            // rustc searches all variants for each written value, and evaluates written values one by one.
            let follows = is_large && next == Some(variant.value);
            match ident(&variant.name) {
                ident if follows => w.line(format_args!("{ident},")),
                ident => w.line(format_args!("{ident} = {},", variant.value)),
            }
            next = variant.value.checked_add(1);
        }
    });
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        w.doc("Every value, in declared order.");
        if is_large {
            all_on_demand(w, name, variants);
        } else {
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
        }
    });
    if is_large {
        let variants = by_value(variants).into_iter();
        let variants = variants.map(|variant| format!("{} {:?}", ident(&variant.name), variant.name));
        let arguments = [name.clone(), format!("{:?}", def.name), int.to_owned()].into_iter().chain(variants);
        w.macro_call("readable_large_enum", arguments);
    } else {
        from_integer(cx, w, def, int, variants);
        w.line(format_args!("__rt::readable_enum!({name}, {int});"));
    }
    w.block(format_args!("impl ::core::convert::From<{name}> for {int}"), |w| {
        w.line("#[inline]");
        w.function("fn from", &[format!("__value: {name}")], "Self", |w| w.line("__value as Self"));
    });
    if let Some(first) = variants.first() {
        w.line(format_args!("__rt::impl_filler!({name}, Self::{});", ident(&first.name)));
    }
}

/// `ALL` of a large enum. The result of a block is not promoted to a constant, so rustc only evaluates it where it is used: evaluating it
/// searches all variants for each value.
fn all_on_demand(w: &mut Writer, name: &str, variants: &[Variant]) {
    w.line("#[allow(clippy::let_and_return)]");
    w.lines(
        "pub const ALL: &'static [Self] = &{",
        |w| {
            // Not `Self::`, which rustc compares with the names of all variants.
            let all = variants.iter().map(|variant| text(format!("{name}::{}", ident(&variant.name))));
            w.expr(&list("let __all = [", all, "];"));
            w.line("__all");
        },
        "};",
    );
}

fn by_value(variants: &[Variant]) -> Vec<&Variant> {
    let mut variants: Vec<&Variant> = variants.iter().collect();
    variants.sort_by_key(|variant| variant.value);
    variants
}

fn from_integer(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, int: &str, variants: &[Variant]) {
    let name = ident(&def.name);
    w.block(format_args!("impl ::core::convert::TryFrom<{int}> for {name}"), |w| {
        w.line(format_args!("type Error = {}::UnknownVariant;", cx.runtime));
        // Not `Self::Error`, which is ambiguous if a variant has this name.
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

/// Whether every integer is a variant, so that another arm would be unreachable.
fn covers(int: &str, variants: usize) -> bool {
    matches!(int, "u8" | "i8") && variants == 256 || matches!(int, "u16" | "i16") && variants == 65_536
}

pub(super) fn open(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, repr: Int, variants: &[Variant]) {
    let (name, int) = (&ident(&def.name), int_name(repr));
    let is_large = variants.len() > LARGE;
    documented(w, def.doc.as_deref(), "An open set of values.");
    w.line("///");
    w.line("/// A value without a name is kept: a newer program may know it.");
    wrapper(cx, w, name, facts, int);
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        for variant in variants {
            w.doc(variant.doc.as_deref().unwrap_or_default());
            w.line(format_args!("pub const {}: Self = Self({});", screaming_case(&variant.name), variant.value));
        }
        if is_large {
            return;
        }
        w.doc("The name in the contract, or `None` for a value that this program does not know.");
        let some = variants
            .iter()
            .map(|variant| format!("{} => ::core::option::Option::Some({:?}),", variant.value, variant.name));
        let other = (!covers(int, variants.len())).then(|| "_ => ::core::option::Option::None,".to_owned());
        name_function(w, "self.0", "::core::option::Option<&'static str>", some.chain(other));
    });
    if is_large {
        let variants = by_value(variants).into_iter().map(|variant| {
            // A minus is a token of its own, which prettyplease separates.
            let sign = if variant.value < 0 { "- " } else { "" };
            format!("{sign}{} {:?}", variant.value.unsigned_abs(), variant.name)
        });
        w.macro_call("open_names", [name.clone(), int.to_owned()].into_iter().chain(variants));
    }
    w.line(format_args!("__rt::open_enum!({name}, {int});"));
}

fn name_function(w: &mut Writer, value: &str, output: &str, arms: impl Iterator<Item = String>) {
    w.line("#[inline]");
    w.line("#[must_use]");
    w.function("pub const fn name", &["self".to_owned()], output, |w| {
        w.block(format_args!("match {value}"), |w| arms.for_each(|arm| w.line(arm)));
    });
}

/// The tuple struct of an open enum or of flags.
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
    w.line("/// A bit without a name is kept: a newer program may know it.");
    wrapper(cx, w, name, facts, int);
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| {
        for bit in bits {
            w.doc(bit.doc.as_deref().unwrap_or_default());
            w.line(format_args!("pub const {}: Self = Self(1 << {});", screaming_case(&bit.name), bit.position));
        }
    });
    w.block(format_args!("impl __rt::FlagNames for {name}"), |w| {
        let names = bits.iter().map(|bit| text(format!("({:?}, {})", bit.name, bit.position)));
        w.expr(&list("const NAMES: &'static [(&'static str, u32)] = &[", names, "];"));
    });
    w.line(format_args!("__rt::flags!({name}, {int});"));
}
