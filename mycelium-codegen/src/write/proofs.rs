//! What proves to rustc that bytes are what the generator says: constants that compare the layouts of types, and the macro of the
//! runtime that lets a type be read where its bytes lie.

use super::Context;
use super::text::{Expr, Writer, list, text};
use crate::model::{TypeDef, TypeId, TypeKind};
use crate::names::ident;

/// A type as the generator lays it out.
pub(super) struct LaidOut {
    /// The name in the contract.
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) align: u64,
    /// The fields of a struct, as identifiers, and their offsets. The macro for a oneof proves the offsets of its variants.
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

    /// Pairs of the value of rustc and that of the generator, as an argument of `assert_layouts`.
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

/// Writes the comparison: one constant for all types, since each constant costs rustc about as much as a message.
pub(super) fn layouts(w: &mut Writer, types: &[LaidOut]) {
    if !types.is_empty() {
        w.line("#[allow(deprecated)]");
        let types = list("&[", types.iter().map(LaidOut::compared), "]");
        w.expr(&list("const _: () = __rt::assert_layouts(", [types], ");"));
    }
}

/// A field, as the macro `readable` needs it.
pub(super) struct ReadPart {
    /// An identifier, or the number of a tuple's field.
    pub(super) name: String,
    /// The type in the struct.
    pub(super) ty: String,
    /// Whether any bytes are a value of it.
    pub(super) is_any: bool,
}

/// Writes the call of the macro. Fields of the same type are grouped, so that rustc proves them at once.
pub(super) fn readable(w: &mut Writer, name: &str, parts: &[ReadPart]) {
    let mut of_one_type: Vec<(&str, Vec<&str>)> = Vec::new();
    for part in parts.iter().filter(|part| part.is_any) {
        match of_one_type.iter_mut().find(|(ty, _)| *ty == part.ty) {
            Some((_, names)) => names.push(&part.name),
            None => of_one_type.push((&part.ty, vec![&part.name])),
        }
    }
    let checked: Vec<&str> = parts.iter().filter(|part| !part.is_any).map(|part| part.name.as_str()).collect();
    let mut arguments = vec![name.to_owned()];
    arguments.extend(of_one_type.iter().map(|(_, names)| format!("any({})", names.join(", "))));
    if !checked.is_empty() {
        arguments.push(format!("checked({})", checked.join(", ")));
    }
    w.macro_call("readable", arguments);
}
