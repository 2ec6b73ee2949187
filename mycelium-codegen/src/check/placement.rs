//! Where a type may be used: types of variable size are for fields of messages only.

use super::Checker;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Type, TypeKind};
use crate::parse::decl::{ExprKind, MemberDecl, TypeBody, TypeDecl, TypeExpr};

/// What kind of size a type has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Fixed,
    /// `str<=N` or `bytes<=N`, perhaps under another name.
    Text,
    List,
}

impl Checker<'_> {
    /// Checks the types inside declared types, except in types that have errors already.
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
            let message = "a newtype can't wrap a list";
            self.error(
                Finding::new(Code::MisplacedType, expr.span, message)
                    .help("make the field a list, such as `[Level]<=10`"),
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
                let message = format!("field `{}` has a variable size", decl.name.value);
                let finding =
                    Finding::new(Code::MisplacedType, expr.span, message).label("not allowed in a struct or variant");
                self.error(finding.help(
                    "move the text or list to the message: structs and variants hold scalars, named types and arrays",
                ));
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
                let help = format!("use a list, such as `[…]<={length}`, which may hold text");
                let message = "an array can't hold elements of variable size";
                self.error(Finding::new(Code::MisplacedType, inner_expr.span, message).help(help));
            }
            Type::List(inner, _) if self.size(inner) == Size::List => {
                let message = "a list can't hold lists";
                let help = "use arrays as elements, such as `[[u8; 20]]<=4`, or send each inner list as a message";
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

    /// The type inside newtypes; a newtype with errors is returned as it is.
    pub(super) fn underlying<'t>(&'t self, mut ty: &'t Type) -> &'t Type {
        // Recursive newtypes are marked as broken by now, so this ends.
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
