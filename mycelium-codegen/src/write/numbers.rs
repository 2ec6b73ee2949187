//! Types around one value: decimals and newtypes.

use super::names::{ALLOWED, ident};
use super::readable::{self, Part};
use super::text::Writer;
use super::types::Shape;
use super::{Context, documented};
use crate::digest::int_name;
use crate::facts::TypeFacts;
use crate::model::{Int, Scalar, Type, TypeDef, TypeKind};

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
    // A bare bound stands for the bounded type, whose angle brackets a macro would see as operators.
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
    readable::write(w, name, &[Part { name: "0".to_owned(), ty: stored, is_any: facts.is_plain }]);
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
