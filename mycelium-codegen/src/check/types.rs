//! The declarations under `types:`.

use std::collections::HashMap;

use super::resolve::{Limit, int};
use super::{Checker, literal};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Bit, Int, Member, OneofVariant, Scalar, Type, TypeDef, TypeId, TypeKind, Variant};
use crate::names;
use crate::number::Integer;
use crate::parse::decl::{ExprKind, MemberDecl, OneofDecl, RuleDecl, TypeBody, TypeDecl, TypeExpr, ValueDecl};
use crate::parse::reader::listing;
use crate::source::{Span, Spanned};
use crate::suggest;

/// Digits after the point of a decimal.
const MAX_SCALE: u32 = 18;

/// A placeholder for a definition that could not be read. Nothing uses it, since the type is marked as broken.
const UNREADABLE: TypeKind = TypeKind::Newtype(Type::Scalar(Scalar::Int(Int::U8)));

impl Checker<'_> {
    /// Fills `schema.types`, one for each declaration, in order.
    pub(super) fn types(&mut self, decls: &[TypeDecl]) {
        self.names = decls.iter().enumerate().map(|(at, decl)| (decl.name.value.clone(), TypeId(at))).collect();
        self.schema.types = decls.iter().map(unread).collect();
        for (at, decl) in decls.iter().enumerate() {
            let before = self.findings.errors();
            let kind = decl.body.as_ref().and_then(|body| self.kind(decl, body));
            let def = &mut self.schema.types[at];
            // Errors beside the definition, such as an unknown key, don't make it broken.
            def.broken = kind.as_ref().is_none_or(is_empty) || self.findings.errors() > before;
            def.kind = kind.unwrap_or(UNREADABLE);
        }
        self.recursion(decls);
        self.placements(decls);
        self.type_sizes(decls);
        self.spread_broken_types();
    }

    fn kind(&mut self, decl: &TypeDecl, body: &TypeBody) -> Option<TypeKind> {
        match body {
            TypeBody::Decimal { repr, scale } => self.decimal(repr, scale),
            TypeBody::Newtype(expr) => Some(TypeKind::Newtype(self.resolve(expr, &mut Limit::default())?)),
            TypeBody::RustType { expr, limits, .. } => self.rust_type(expr, limits),
            TypeBody::Enum { repr, open, variants } => self.enumeration(decl, repr, *open, variants),
            TypeBody::Flags { repr, bits } => self.flags(decl, repr, bits),
            TypeBody::Struct(members) => {
                if members.is_empty() {
                    self.nothing_in(decl, "a struct", "field");
                }
                Some(TypeKind::Struct(self.members(members)))
            }
            TypeBody::Oneof(variants) => self.oneof(decl, variants),
        }
    }

    fn decimal(&mut self, repr: &Spanned<String>, scale: &Spanned<Integer>) -> Option<TypeKind> {
        let repr_int = self.repr(repr, "a decimal", |_| true);
        let value = scale.value.to_i128().and_then(|scale| u32::try_from(scale).ok());
        let Some(value) = value.filter(|scale| *scale <= MAX_SCALE) else {
            let message = format!("a decimal's scale must be a number from 0 to {MAX_SCALE}");
            self.error(Finding::new(Code::BadScale, scale.span, message).label("out of range"));
            return None;
        };
        let repr_int = repr_int?;
        let (_, largest) = literal::int_range(repr_int);
        if 10_i128.pow(value) > largest {
            let message = format!("the number 1, which is stored as 10^{value}, does not fit `{}`", repr.value);
            let finding = Finding::new(Code::BadScale, scale.span, message).other(repr.span, "the representation");
            self.error(finding.help("use a smaller scale, or a wider `repr`"));
            return None;
        }
        Some(TypeKind::Decimal { repr: repr_int, scale: value })
    }

    /// The older dialect's `rust_type`: a newtype, bounded by `validation` where it has to be.
    fn rust_type(&mut self, expr: &TypeExpr, limits: &[RuleDecl]) -> Option<TypeKind> {
        let mut limit = Limit { max_length: self.max_length(limits) };
        // `Vec<u8>` is the only list that a newtype can wrap.
        let inner = match &expr.kind {
            ExprKind::Vec(element) if matches!(&element.kind, ExprKind::Name(name) if name == "u8") => {
                match self.resolve(expr, &mut limit)? {
                    Type::List(_, bound) => Type::Bytes(bound),
                    other => other,
                }
            }
            _ => self.resolve(expr, &mut limit)?,
        };
        for idle in limits.iter().filter(|decl| !decl.rule.is_bound || limit.max_length.is_some()) {
            let message = format!("`{}` has no effect on a type", idle.key.value);
            self.error(Finding::new(Code::NoEffect, idle.key.span, message).help("set it on the fields of this type"));
        }
        Some(TypeKind::Newtype(inner))
    }

    fn enumeration(
        &mut self,
        decl: &TypeDecl,
        repr: &Spanned<String>,
        open: bool,
        variants: &[ValueDecl],
    ) -> Option<TypeKind> {
        let repr = self.repr(repr, "an enum", |_| true);
        if variants.is_empty() {
            self.nothing_in(decl, "an enum", "variant");
        }
        self.value_names(variants, "variant");
        let (least, largest) = literal::int_range(repr?);
        let values = self.values(variants, least, largest, "value");
        let variants = variants.iter().zip(values).filter_map(|(decl, value)| {
            Some(Variant { name: decl.name.value.clone(), value: value?, doc: decl.doc.clone() })
        });
        Some(TypeKind::Enum { repr: repr?, open, variants: variants.collect() })
    }

    fn flags(&mut self, decl: &TypeDecl, repr: &Spanned<String>, bits: &[ValueDecl]) -> Option<TypeKind> {
        let unsigned = |int| literal::int_range(int).0 == 0;
        let repr = self.repr(repr, "flags", unsigned);
        if bits.is_empty() {
            self.nothing_in(decl, "flags", "bit");
        }
        self.value_names(bits, "bit");
        let width = i128::from(literal::int_bits(repr?));
        let positions = self.values(bits, 0, width - 1, "bit");
        let bits = bits.iter().zip(positions).filter_map(|(decl, position)| {
            let position = u32::try_from(position?).ok()?;
            Some(Bit { name: decl.name.value.clone(), position, doc: decl.doc.clone() })
        });
        Some(TypeKind::Flags { repr: repr?, bits: bits.collect() })
    }

    /// The numbers of variants or bits: reports those out of range, and those given twice.
    fn values(&mut self, decls: &[ValueDecl], least: i128, largest: i128, what: &str) -> Vec<Option<i128>> {
        let mut taken: HashMap<i128, (&str, Span)> = HashMap::new();
        let mut values = Vec::with_capacity(decls.len());
        for decl in decls {
            let Some(number) = &decl.value else {
                values.push(None);
                continue;
            };
            let value = number.value.to_i128().filter(|value| (least..=largest).contains(value));
            let finding = match value {
                None => {
                    let message =
                        format!("the {what} of `{}` is not in the range {least} to {largest}", decl.name.value);
                    Some(Finding::new(Code::ValueRange, number.span, message).label("out of range"))
                }
                Some(value) => taken.get(&value).map(|(first, span)| {
                    let message = format!("{what} {value} is given to `{first}` and to `{}`", decl.name.value);
                    Finding::new(Code::DuplicateValue, number.span, message)
                        .label(format!("given again to `{}`", decl.name.value))
                        .other(*span, format!("first given to `{first}`"))
                }),
            };
            if let Some(value) = value {
                taken.entry(value).or_insert((&decl.name.value, number.span));
            }
            values.push(value);
            if let Some(finding) = finding {
                self.error(finding);
            }
        }
        values
    }

    fn value_names(&mut self, decls: &[ValueDecl], what: &str) {
        for decl in decls {
            self.name(&decl.name, what);
        }
    }

    fn oneof(&mut self, decl: &TypeDecl, decls: &[OneofDecl]) -> Option<TypeKind> {
        if decls.is_empty() {
            self.nothing_in(decl, "a oneof", "variant");
        }
        let mut variants = Vec::new();
        for variant in decls {
            self.name(&variant.name, "variant");
            variants.push(OneofVariant {
                name: variant.name.value.clone(),
                members: self.members(&variant.members),
                doc: None,
            });
        }
        Some(TypeKind::Oneof(variants))
    }

    fn members(&mut self, decls: &[MemberDecl]) -> Vec<Member> {
        let mut members = Vec::with_capacity(decls.len());
        for decl in decls {
            self.name(&decl.name, "field");
            let ty = decl.ty.as_ref().and_then(|expr| self.resolve(expr, &mut Limit::default()));
            if let Some(ty) = ty {
                members.push(Member {
                    name: decl.name.value.clone(),
                    ty,
                    doc: decl.doc.clone(),
                    unit: decl.unit.clone(),
                });
            }
        }
        members
    }

    /// A native integer that passes `allowed`.
    fn repr(&mut self, repr: &Spanned<String>, what: &str, allowed: fn(Int) -> bool) -> Option<Int> {
        let found = int(&repr.value).filter(|int| allowed(*int));
        if found.is_none() {
            let all = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];
            let known: Vec<&str> = all.into_iter().filter(|name| int(name).is_some_and(allowed)).collect();
            let message = format!("`{}` can't represent {what}", crate::parse::reader::shorten(&repr.value));
            let help = match suggest::type_instead(&repr.value).filter(|instead| instead.starts_with(['`'])) {
                Some(instead) => format!("use {instead}; the choices are {}", listing(&known)),
                None => format!("use one of {}", listing(&known)),
            };
            self.error(Finding::new(Code::BadRepr, repr.span, message).help(help));
        }
        found
    }

    /// Whether Rust can take a name.
    pub(super) fn name(&mut self, name: &Spanned<String>, what: &str) -> bool {
        let problem = names::problem(&name.value);
        if let Some(problem) = problem {
            self.error(super::declared::bad_name(name, what, problem));
        }
        // Rust warns of a variable that is named like a variant of its type.
        if what == "variant" && name.value.starts_with("__") {
            let message = format!("`{}` can't be the name of a {what}", crate::parse::reader::shorten(&name.value));
            let finding = Finding::new(Code::TakenName, name.span, message).label(super::declared::KEPT);
            self.error(finding.help("choose another name"));
        }
        problem.is_none()
    }

    fn nothing_in(&mut self, decl: &TypeDecl, what: &str, part: &str) {
        let message = format!("`{}` is {what} without a {part}", decl.name.value);
        self.error(
            Finding::new(Code::NothingDeclared, decl.name.span, message).help(format!("add at least one {part}")),
        );
    }
}

/// Whether no valid part is left.
fn is_empty(kind: &TypeKind) -> bool {
    match kind {
        TypeKind::Decimal { .. } | TypeKind::Newtype(_) => false,
        TypeKind::Enum { variants, .. } => variants.is_empty(),
        TypeKind::Flags { bits, .. } => bits.is_empty(),
        TypeKind::Struct(members) => members.is_empty(),
        TypeKind::Oneof(variants) => variants.is_empty(),
    }
}

fn unread(decl: &TypeDecl) -> TypeDef {
    TypeDef { name: decl.name.value.clone(), doc: decl.doc.clone(), kind: UNREADABLE, broken: true }
}
