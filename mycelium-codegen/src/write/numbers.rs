//! Types that wrap one value: decimals, newtypes, and the stubs of broken types.

use super::attributes::ALLOWED;
use super::proofs::{ReadPart, readable};
use super::text::Writer;
use super::types::Shape;
use super::{Context, documented};
use crate::facts::TypeFacts;
use crate::model::int_name;
use crate::model::{Int, Scalar, Type, TypeDef, TypeKind};
use crate::names::ident;

pub(super) fn decimal(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, repr: Int, scale: u32) {
    let name = &ident(&def.name);
    documented(w, def.doc.as_deref(), &format!("A decimal number with {scale} digits after the point."));
    w.line("///");
    w.line(format_args!("/// The field counts units of 10^-{scale}."));
    cx.derives(w, facts, false);
    cx.zerocopy(w, facts);
    w.line("#[repr(transparent)]");
    w.line(ALLOWED);
    w.line(format_args!("pub struct {name}(pub {});", int_name(repr)));
    w.line(format_args!("__rt::decimal!({name}, {}, {scale});", int_name(repr)));
}

pub(super) fn newtype(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts, inner: &Type) {
    let name = &ident(&def.name);
    let stored = cx.stored(inner);
    documented(w, def.doc.as_deref(), &format!("A distinct `{}`.", stored.trim_start_matches("::")));
    cx.derives(w, facts, true);
    cx.zerocopy(w, facts);
    w.line("#[repr(transparent)]");
    w.line(ALLOWED);
    w.line(format_args!("pub struct {name}(pub {stored});"));
    // The macro takes the bound instead of the bounded type, whose angle brackets it would parse as operators.
    let bounded = match inner {
        Type::Str(bound) | Type::Bytes(bound) => bound.to_string(),
        _ => stored.clone(),
    };
    match cx.shape(inner) {
        Shape::Text => w.line(format_args!("__rt::newtype_str!({name}, {bounded});")),
        Shape::Bytes => w.line(format_args!("__rt::newtype_bytes!({name}, {bounded});")),
        _ if has_display(cx, inner) => w.line(format_args!("__rt::newtype!({name}, {stored}, Display);")),
        _ => w.line(format_args!("__rt::newtype!({name}, {stored});")),
    }
    match inner {
        Type::Scalar(Scalar::U128) => w.line(format_args!("__rt::newtype_wide!({name}, u128);")),
        Type::Scalar(Scalar::I128) => w.line(format_args!("__rt::newtype_wide!({name}, i128);")),
        _ => {}
    }
    readable(w, name, &[ReadPart { name: "0".to_owned(), ty: stored, is_any: facts.is_plain }]);
}

/// The stub of a type with an error, so that one mistake gives one error.
pub(super) fn stub(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts) {
    let name = ident(&def.name);
    w.doc("A stub for a type with an error in the contract.");
    cx.derives(w, facts, true);
    cx.zerocopy(w, facts);
    w.line("#[repr(transparent)]");
    w.line(ALLOWED);
    w.line(format_args!("pub struct {name}(pub u8);"));
    w.line(format_args!("__rt::newtype!({name}, u8, Display);"));
    readable(w, &name, &[ReadPart { name: "0".to_owned(), ty: "u8".to_owned(), is_any: true }]);
}

fn has_display(cx: &Context<'_>, ty: &Type) -> bool {
    match cx.resolve(ty) {
        Type::Scalar(_) => true,
        Type::Named(id) => {
            let def = cx.schema.type_def(*id);
            !def.broken && matches!(def.kind, TypeKind::Decimal { .. })
        }
        _ => false,
    }
}
