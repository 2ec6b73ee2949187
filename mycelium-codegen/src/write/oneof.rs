//! Oneofs: enums with data, whose variants have the same size.

use super::attributes::{ALLOWED, allow_conventions, allow_same_name};
use super::members::{
    Part, allow_many_arguments, argument, arguments, debug_arguments, filler, formatter, initialisers, member_doc,
    names, padding, parts,
};
use super::text::{Writer, list, literal, pattern};
use super::{Context, documented};
use crate::facts::{TAG_SIZE, TypeFacts};
use crate::model::{OneofVariant, TypeDef};
use crate::names::snake_case;
use crate::names::{free_name, ident};

pub(super) fn write(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, variants: &[OneofVariant]) {
    let name = &ident(&def.name);
    documented(w, def.doc.as_deref(), &format!("One of {} variants.", variants.len()));
    w.line("///");
    w.line("/// End patterns with `..`: variants are padded to one size.");
    cx.derives(w, TypeFacts { is_ordered: false, ..facts }, false);
    cx.zerocopy(w, facts);
    w.line("#[repr(u64)]");
    w.line(ALLOWED);
    w.block(format_args!("pub enum {name}"), |w| variants.iter().for_each(|v| variant(cx, w, v, facts)));
    let methods: Vec<String> = variants.iter().map(|variant| snake_case(&variant.name)).collect();
    allow_conventions(w, methods.iter().map(String::as_str));
    allow_same_name(w, &def.name, methods.iter().map(String::as_str));
    w.line(ALLOWED);
    w.block(format_args!("impl {name}"), |w| constructors(cx, w, variants, facts));
    w.block(format_args!("impl ::core::fmt::Debug for {name}"), |w| {
        w.line("#[inline]");
        w.function("fn fmt", &formatter(), "::core::fmt::Result", |w| {
            w.block("match self", |w| variants.iter().for_each(|variant| debug_arm(w, variant)));
            w.line("::core::result::Result::Ok(())");
        });
    });
    if let Some(first) = variants.first() {
        let fields = initialisers(&parts(cx, &first.members, TAG_SIZE, facts.size), |member| filler(cx, member));
        w.block(format_args!("impl __rt::Filler for {name}"), |w| {
            let head = format!("const FILLER: Self = Self::{}", ident(&first.name));
            w.expr(&literal(&head, fields, ";"));
        });
        w.line(format_args!("__rt::impl_default!({name});"));
        let shapes = variants.iter().map(|variant| {
            let names = names(&parts(cx, &variant.members, TAG_SIZE, facts.size));
            let fields: Vec<String> =
                names.iter().enumerate().map(|(index, name)| format!("{name} __{index}")).collect();
            format!("{}({})", ident(&variant.name), fields.join(", "))
        });
        w.macro_call("readable_oneof", [name.clone()].into_iter().chain(shapes));
    }
}

fn variant(cx: &Context<'_>, w: &mut Writer, variant: &OneofVariant, facts: TypeFacts) {
    w.doc(variant.doc.as_deref().unwrap_or_default());
    w.block_then(
        ident(&variant.name),
        |w| {
            for part in parts(cx, &variant.members, TAG_SIZE, facts.size) {
                match part {
                    Part::Member(member) => {
                        // Without a doc, prettyplease would format short variants on one line.
                        member_doc(w, member, &format!("`{}`.", member.name));
                        w.line(format_args!("{}: {},", ident(&member.name), cx.stored(&member.ty)));
                    }
                    Part::Padding(name, size) => {
                        w.line("/// Padding.");
                        w.line("#[doc(hidden)]");
                        w.line(format_args!("{name}: {},", padding(size)));
                    }
                }
            }
        },
        "},",
    );
}

fn constructors(cx: &Context<'_>, w: &mut Writer, variants: &[OneofVariant], facts: TypeFacts) {
    let mut names: Vec<String> = Vec::new();
    for variant in variants {
        let name = free_name(&ident(&snake_case(&variant.name)), |name| {
            // A path to a variant hides a function of the same name.
            names.iter().any(|taken| taken == name) || variants.iter().any(|variant| ident(&variant.name) == name)
        });
        w.doc(&format!("Creates the variant `{}` from its fields, in declared order.", variant.name));
        allow_many_arguments(w, &variant.members);
        w.line("#[inline]");
        w.line("#[must_use]");
        w.function(&format!("pub const fn {name}"), &arguments(cx, &variant.members), "Self", |w| {
            let parts = parts(cx, &variant.members, TAG_SIZE, facts.size);
            let fields = initialisers(&parts, |member| argument(cx, &variant.members, member));
            w.expr(&literal(&format!("Self::{}", ident(&variant.name)), fields, ""));
        });
        names.push(name);
    }
}

fn debug_arm(w: &mut Writer, variant: &OneofVariant) {
    let members = || variant.members.iter().enumerate();
    let bindings = members().map(|(index, member)| format!("{}: __field_{index}", ident(&member.name)));
    let entries = members().map(|(index, member)| (member.name.as_str(), format!("__field_{index}")));
    let arguments = debug_arguments(&variant.name, entries);
    w.arm(&pattern(&format!("Self::{}", ident(&variant.name)), bindings), |w| {
        w.expr(&list("__rt::debug(", arguments, ")?;"));
    });
}
