//! What stands in for a type or message whose definition is wrong, so that one mistake gives one error.

use super::Context;
use super::names::ALLOWED;
use super::text::Writer;
use crate::facts::TypeFacts;
use crate::model::{Field, Message, Type, TypeDef};

pub(super) fn type_def(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts) {
    let name = &def.name;
    w.doc("Stands in for a type with an error in the contract.");
    cx.derives(w, facts, true);
    cx.zerocopy(w, facts);
    w.line("#[repr(transparent)]");
    w.line(ALLOWED);
    w.line(format_args!("pub struct {name}(pub u8);"));
    w.line(format_args!("__rt::newtype!({name}, u8, Display);"));
}

/// A broken message with the fields that are sound, all as if of the first version.
pub(super) fn message(cx: &Context<'_>, message: &Message) -> Message {
    let sound = message.fields.iter().filter(|field| is_sound(cx, &field.ty));
    let fields = sound.map(|field| Field { since: 1, ..field.clone() }).collect();
    Message { fields, ..message.clone() }
}

fn is_sound(cx: &Context<'_>, ty: &Type) -> bool {
    match ty {
        Type::Named(id) => !cx.schema.type_def(*id).broken,
        Type::Array(element, _) | Type::List(element, _) => is_sound(cx, element),
        Type::Scalar(_) | Type::Str(_) | Type::Bytes(_) => true,
    }
}
