//! The proof that rustc lays all types out as the generator does.

use super::Context;
use super::names::ident;
use super::text::{Expr, Writer, list, text};
use crate::model::{TypeDef, TypeId, TypeKind};

/// A type as the generator lays it out.
pub(super) struct LaidOut {
    /// As the contract has it.
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) align: u64,
    /// The fields of a struct, as identifiers, and their offsets. The macro that lets a oneof be read proves those of its variants.
    pub(super) offsets: Vec<(String, u64)>,
}

impl LaidOut {
    /// An entry of `types:`.
    pub(super) fn type_def(cx: &Context<'_>, id: TypeId, def: &TypeDef) -> Self {
        let facts = cx.facts.named(id);
        let offsets = match &def.kind {
            TypeKind::Struct(members) if !def.broken => {
                let names = members.iter().map(|member| ident(&member.name));
                names.zip(cx.facts.offsets(members, 0)).collect()
            }
            _ => Vec::new(),
        };
        Self { name: def.name.clone(), size: facts.size, align: facts.align, offsets }
    }

    /// Pairs of what rustc says and what the generator says, as an argument of `assert_layouts`.
    fn compared(&self) -> Expr {
        let name = ident(&self.name);
        let message = format!("\"the layout of `{}` differs from its contract\"", self.name);
        let mut facts = vec![
            format!("(::core::mem::size_of::<{name}>(), {})", self.size),
            format!("(::core::mem::align_of::<{name}>(), {})", self.align),
        ];
        let offsets = self.offsets.iter();
        facts.extend(offsets.map(|(field, offset)| format!("(::core::mem::offset_of!({name}, {field}), {offset})")));
        list("(", [text(message), list("&[", facts.iter().map(text), "]")], ")")
    }
}

/// Writes the proof: one constant for all types, since each constant costs rustc about as much as a message.
pub(super) fn write(w: &mut Writer, types: &[LaidOut]) {
    if !types.is_empty() {
        w.line("#[allow(deprecated)]");
        let types = list("&[", types.iter().map(LaidOut::compared), "]");
        w.expr(&list("const _: () = __rt::assert_layouts(", [types], ");"));
    }
}
