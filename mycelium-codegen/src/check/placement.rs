//! Where a type may stand: what is of variable size has its place in fields of messages only.

use super::Checker;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Type, TypeKind};
use crate::parse::decl::{ExprKind, MemberDecl, TypeBody, TypeDecl, TypeExpr};

/// The sizes a type may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Fixed,
    /// `str<=N` or `bytes<=N`, perhaps under another name.
    Text,
    List,
}

impl Checker<'_> {
    /// Checks the types inside of declared types; broken ones have been reported on.
    pub(super) fn placements(&mut self, decls: &[TypeDecl]) {
        for (at, decl) in decls.iter().enumerate() {
            if self.schema.types[at].broken {
                continue;
            }
            let before = self.findings.errors();
            let kind = self.schema.types[at].kind.clone();
            match (&kind, &decl.body) {
                (TypeKind::Newtype(ty), Some(TypeBody::Newtype(expr) | TypeBody::RustType { expr, .. })) => {
                    self.newtype_placement(ty, expr);
                }
                (TypeKind::Struct(members), Some(TypeBody::Struct(decls))) => {
                    self.member_placements(members.iter().map(|member| &member.ty), decls);
                }
                (TypeKind::Oneof(variants), Some(TypeBody::Oneof(decls))) => {
                    for (variant, decl) in variants.iter().zip(decls) {
                        self.member_placements(variant.members.iter().map(|member| &member.ty), &decl.members);
                    }
                }
                _ => {}
            }
            self.schema.types[at].broken = self.findings.errors() > before;
        }
    }

    fn newtype_placement(&mut self, ty: &Type, expr: &TypeExpr) {
        if self.size(ty) == Size::List {
            let message = "a newtype can't be around a list";
            self.error(
                Finding::new(Code::MisplacedType, expr.span, message)
                    .help("write the list at the field, such as `[Level]<=10`"),
            );
        } else {
            self.inner_placement(ty, expr);
        }
    }

    fn member_placements<'t>(&mut self, types: impl Iterator<Item = &'t Type>, decls: &[MemberDecl]) {
        for (ty, decl) in types.zip(decls) {
            let Some(expr) = &decl.ty else { continue };
            if self.size(ty) == Size::Fixed {
                self.inner_placement(ty, expr);
            } else {
                let message = format!("field `{}` is of variable size", decl.name.value);
                let finding = Finding::new(Code::MisplacedType, expr.span, message).label("not in a struct or variant");
                self.error(
                    finding.help("these hold scalars, named types and arrays; move the text or list to the message"),
                );
            }
        }
    }

    /// Checks the elements of arrays and lists, at any depth.
    pub(super) fn inner_placement(&mut self, ty: &Type, expr: &TypeExpr) {
        let inner_expr = match &expr.kind {
            ExprKind::Array(inner, _) | ExprKind::List(inner, _) | ExprKind::Vec(inner) => inner,
            _ => expr,
        };
        match ty {
            Type::Array(inner, length) if self.size(inner) != Size::Fixed => {
                let help = format!("arrays hold what is of fixed size; a list, such as `[…]<={length}`, may hold text");
                let message = "an array can't hold what is of variable size";
                self.error(Finding::new(Code::MisplacedType, inner_expr.span, message).help(help));
            }
            Type::List(inner, _) if self.size(inner) == Size::List => {
                let message = "a list can't hold lists";
                let help = "hold arrays, such as `[[u8; 20]]<=4`, or send the inner lists as messages of their own";
                self.error(Finding::new(Code::MisplacedType, inner_expr.span, message).help(help));
            }
            Type::Array(inner, _) | Type::List(inner, _) => self.inner_placement(inner, inner_expr),
            _ => {}
        }
    }

    fn size(&self, ty: &Type) -> Size {
        match self.underlying(ty) {
            Type::Str(_) | Type::Bytes(_) => Size::Text,
            Type::List(..) => Size::List,
            _ => Size::Fixed,
        }
    }

    /// What a type is once its newtypes are taken off; a broken one stands for itself.
    pub(super) fn underlying<'t>(&'t self, mut ty: &'t Type) -> &'t Type {
        // Recursive newtypes are broken by now, so this ends.
        while let Type::Named(id) = ty {
            let def = self.schema.type_def(*id);
            match &def.kind {
                TypeKind::Newtype(inner) if !def.broken => ty = inner,
                _ => break,
            }
        }
        ty
    }
}
