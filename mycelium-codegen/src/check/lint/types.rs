//! Lints of types: enums without a zero, money in floats, and types that no message uses.

use super::super::Checker;
use super::super::declared::Declared;
use super::message::is_money;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::Facts;
use crate::model::{Member, Type, TypeKind};
use crate::parse::decl::{MemberDecl, TypeBody, TypeDecl};
use crate::source::Spanned;

impl Checker<'_> {
    pub(super) fn type_lints(&mut self, at: usize, decl: &TypeDecl, facts: &Facts) {
        if self.schema.types[at].broken {
            return;
        }
        let kind = self.schema.types[at].kind.clone();
        match (&kind, &decl.body) {
            (TypeKind::Enum { open: false, variants, .. }, _) if variants.iter().all(|variant| variant.value != 0) => {
                let message = format!("the closed enum `{}` has no variant of value 0", decl.name.value);
                let finding = Finding::new(Code::NoZeroVariant, decl.name.span, message);
                self.error(finding.help(
                    "give a variant the value 0, or set `lints: { no_zero_variant: allow }`: without one, zeroed bytes are refused",
                ));
            }
            (TypeKind::Newtype(inner), _) => self.float_prices(&decl.name.value, [(&decl.name, inner)].into_iter()),
            (TypeKind::Struct(members), Some(TypeBody::Struct(decls))) => {
                self.struct_padding(members, &decl.name, facts);
                self.member_prices(&decl.name.value, members, decls);
            }
            (TypeKind::Oneof(variants), Some(TypeBody::Oneof(decls))) => {
                for (variant, variant_decl) in variants.iter().zip(decls) {
                    self.member_prices(&decl.name.value, &variant.members, &variant_decl.members);
                }
            }
            _ => {}
        }
    }

    fn member_prices(&mut self, owner: &str, members: &[Member], decls: &[MemberDecl]) {
        self.float_prices(owner, decls.iter().zip(members).map(|(decl, member)| (&decl.name, &member.ty)));
    }

    /// One finding for all prices in floats of one declaration.
    pub(super) fn float_prices<'n>(
        &mut self,
        owner: &str,
        fields: impl Iterator<Item = (&'n Spanned<String>, &'n Type)>,
    ) {
        let mut prices =
            fields.filter(|(name, ty)| super::message::is_float(ty) && is_money(&name.value)).map(|(name, _)| name);
        let (first, more) = (prices.next(), prices.count());
        let Some(first) = first else { return };
        let message = match more {
            0 if first.value == owner => format!("`{owner}` holds money in a float"),
            0 => format!("`{}` of `{owner}` holds money in a float", first.value),
            more => format!("`{}` and {more} more of `{owner}` hold money in floats", first.value),
        };
        let finding = Finding::new(Code::FloatPrice, first.span, message);
        self.error(finding.help("use a decimal, such as `{ decimal: { repr: i64, scale: 6 } }`, which is exact"));
    }

    /// Reports types that no message uses. A file without messages is meant to be imported.
    pub(super) fn unused_types(&mut self, declared: &Declared) {
        if self.schema.messages.is_empty() {
            return;
        }
        let mut used = vec![false; self.schema.types.len()];
        let mut pending: Vec<&Type> =
            self.schema.messages.iter().flat_map(|message| &message.fields).map(|field| &field.ty).collect();
        while let Some(ty) = pending.pop() {
            match ty {
                Type::Named(id) if !std::mem::replace(&mut used[id.0], true) => match &self.schema.type_def(*id).kind {
                    TypeKind::Newtype(inner) => pending.push(inner),
                    TypeKind::Struct(members) => pending.extend(members.iter().map(|member| &member.ty)),
                    TypeKind::Oneof(variants) => {
                        pending.extend(variants.iter().flat_map(|variant| &variant.members).map(|member| &member.ty));
                    }
                    TypeKind::Decimal { .. } | TypeKind::Enum { .. } | TypeKind::Flags { .. } => {}
                },
                Type::Array(element, _) | Type::List(element, _) => pending.push(element),
                _ => {}
            }
        }
        // A field that could not be read may use the type.
        if self.findings.errors() > 0 {
            return;
        }
        for (decl, _) in declared.types.iter().zip(used).filter(|(_, used)| !used) {
            let message = format!("no message uses type `{}`", decl.name.value);
            self.error(
                Finding::new(Code::UnusedType, decl.name.span, message).help("remove it, or give a field this type"),
            );
        }
    }
}
