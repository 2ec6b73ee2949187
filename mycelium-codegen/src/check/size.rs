//! Types and messages that are too large for a body.

use super::Checker;
use super::declared::Declared;
use super::resolve::MAX_BODY;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::layout::MessageLayout;
use crate::model::{Int, Scalar, Type, TypeKind};
use crate::parse::decl::TypeDecl;

/// A message that is too large is still generated up to this size, so that code which uses it gets no second error. Beyond it, rustc
/// would take too long.
const MAX_STUB: u64 = 16 * MAX_BODY;

impl Checker<'_> {
    /// Reports types that no body can hold, so that later stages never compute with absurd sizes.
    pub(super) fn type_sizes(&mut self, decls: &[TypeDecl]) {
        let mut known = vec![None; decls.len()];
        for (at, decl) in decls.iter().enumerate() {
            if self.schema.types[at].broken {
                continue;
            }
            let size = self.least_size(&Type::Named(crate::model::TypeId(at)), &mut known);
            if size > MAX_BODY {
                self.schema.types[at].broken = true;
                let message = format!(
                    "type `{}` is too large: it has {size} bytes, and a body has at most {MAX_BODY}",
                    decl.name.value
                );
                self.error(
                    Finding::new(Code::TooLarge, decl.name.span, message).help("send the parts as separate messages"),
                );
            }
        }
    }

    /// Reports messages whose body is too large.
    pub(super) fn sizes(&mut self, declared: &Declared, layouts: &[MessageLayout]) {
        for (at, layout) in layouts.iter().enumerate() {
            let size = layout.size();
            if size > MAX_BODY && !self.schema.messages[at].broken {
                self.schema.messages[at].broken = size > MAX_STUB;
                let name = &declared.messages[at].name;
                let text = format!(
                    "message `{}` is too large: it has {size} bytes, and a body has at most {MAX_BODY}",
                    name.value
                );
                self.error(Finding::new(Code::TooLarge, name.span, text).help("send the parts as separate messages"));
            }
        }
    }

    /// The bytes of a type without its padding. Nesting is bounded by now.
    fn least_size(&self, ty: &Type, known: &mut [Option<u64>]) -> u64 {
        match ty {
            Type::Scalar(scalar) => scalar_size(*scalar),
            Type::Str(bound) | Type::Bytes(bound) => u64::from(*bound) + 2,
            Type::Array(inner, count) | Type::List(inner, count) => {
                self.least_size(inner, known).saturating_mul(u64::from(*count))
            }
            Type::Named(id) => {
                if let Some(size) = known[id.0] {
                    return size;
                }
                let def = self.schema.type_def(*id);
                let size = if def.broken { 0 } else { self.kind_size(&def.kind, known) };
                known[id.0] = Some(size);
                size
            }
        }
    }

    fn kind_size(&self, kind: &TypeKind, known: &mut [Option<u64>]) -> u64 {
        let mut sum = |members: &[crate::model::Member]| {
            members.iter().fold(0_u64, |sum, member| sum.saturating_add(self.least_size(&member.ty, known)))
        };
        match kind {
            TypeKind::Decimal { repr, .. } | TypeKind::Enum { repr, .. } | TypeKind::Flags { repr, .. } => {
                int_size(*repr)
            }
            TypeKind::Struct(members) => sum(members),
            TypeKind::Oneof(variants) => variants.iter().map(|variant| sum(&variant.members)).max().unwrap_or(0),
            TypeKind::Newtype(inner) => self.least_size(inner, known),
        }
    }
}

fn scalar_size(scalar: Scalar) -> u64 {
    match scalar {
        Scalar::Bool => 1,
        Scalar::Int(int) => int_size(int),
        Scalar::F32 => 4,
        Scalar::F64 | Scalar::TimestampNs | Scalar::DurationNs => 8,
        Scalar::U128 | Scalar::I128 => 16,
        Scalar::U256 => 32,
    }
}

fn int_size(int: Int) -> u64 {
    u64::from(super::literal::int_bits(int) / 8)
}
