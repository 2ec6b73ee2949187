//! What stands in for a type or message whose definition is wrong, so that one mistake gives one error.

use super::Context;
use super::names::{ALLOWED, ident};
use super::readable::{self, Part};
use super::text::Writer;
use crate::facts::TypeFacts;
use crate::model::TypeDef;

pub(super) fn type_def(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts) {
    let name = ident(&def.name);
    w.doc("Stands in for a type with an error in the contract.");
    cx.derives(w, facts, true);
    cx.zerocopy(w, facts);
    w.line("#[repr(transparent)]");
    w.line(ALLOWED);
    w.line(format_args!("pub struct {name}(pub u8);"));
    w.line(format_args!("__rt::newtype!({name}, u8, Display);"));
    readable::write(w, &name, &[Part { name: "0".to_owned(), ty: "u8".to_owned(), is_any: true }]);
}
