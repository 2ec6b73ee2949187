//! A checked contract → a snapshot.

use super::snapshot::{
    Attribute, FieldFacts, Layout, MemberFacts, MessageFacts, Shape, Snapshot, TypeFacts, Value, VariantFacts, quoted,
};
use crate::check::Declared;
use crate::digest;
use crate::facts::{Facts, TAG_SIZE};
use crate::layout::{SlotKind, lay_out};
use crate::model::{Field, Literal, Member, Message, Schema, Type, TypeDef, TypeId, TypeKind, int_name, scalar_name};
use crate::number;
use crate::parse::decl::{FieldDecl, MemberDecl, MessageDecl, TypeBody, TypeDecl, ValueDecl};
use crate::rules::Given;
use crate::source::{Span, Spanned};

/// Takes the snapshot of a valid contract. `declared` has the places: one declaration for each type and message.
pub(crate) fn take(schema: &Schema, declared: &Declared) -> Snapshot {
    let taker = Taker { schema, facts: Facts::of(schema) };
    let places = &declared.places;
    let mut reserved_names: Vec<Spanned<String>> =
        declared.reserved_names.iter().map(|(name, span)| Spanned::new(name.clone(), *span)).collect();
    reserved_names.sort_by(|a, b| a.value.cmp(&b.value));
    let messages = schema.messages.iter().zip(&declared.messages);
    let types = schema.types.iter().zip(&declared.types).enumerate();
    Snapshot {
        name: Spanned::new(quoted(&schema.name), places.name),
        version: Spanned::new(schema.version, places.version),
        min_compatible: Spanned::new(schema.min_compatible, places.min_compatible),
        reserved_ids: declared.reserved_ids.clone(),
        reserved_names,
        messages: messages.map(|(message, decl)| (message.name.clone(), taker.message(message, decl))).collect(),
        types: types.map(|(at, (def, decl))| (def.name.clone(), taker.type_def(TypeId(at), def, decl))).collect(),
        place: places.messages,
    }
}

struct Taker<'a> {
    schema: &'a Schema,
    facts: Facts,
}

impl Taker<'_> {
    fn message(&self, message: &Message, decl: &MessageDecl) -> MessageFacts {
        let place = decl.name.span;
        let layout = lay_out(&self.facts, message);
        let hashes = digest::of_layouts(&self.facts, message, &layout);
        let layouts = layout
            .groups
            .iter()
            .zip(hashes)
            .map(|(group, hash)| Spanned::new(Layout { version: group.since, size: group.end, hash }, place));
        let fields = layout.slots().filter_map(|slot| match slot.kind {
            SlotKind::Value(index) => {
                Some(self.field(message.fields.get(index)?, decl.fields.get(index)?, slot.offset))
            }
            SlotKind::Presence | SlotKind::Length(_) | SlotKind::Padding => None,
        });
        MessageFacts {
            place,
            id: Spanned::new(message.id, decl.id.as_ref().map_or(place, |id| id.span)),
            topic: Spanned::new(quoted(&message.topic), place),
            layouts: layouts.collect(),
            fields: fields.collect(),
            deprecated: message.deprecated.as_ref().map(|_| place),
            redacted: message.redacted.then_some(place),
        }
    }

    fn field(&self, field: &Field, decl: &FieldDecl, offset: u64) -> FieldFacts {
        let name = &decl.name;
        FieldFacts {
            name: name.clone(),
            ty: Spanned::new(self.type_text(&field.ty), decl.ty.as_ref().map_or(name.span, |ty| ty.span)),
            offset,
            optional: field.optional,
            since: Spanned::new(field.since, decl.since.as_ref().map_or(name.span, |since| since.span)),
            attributes: self.attributes(field, decl),
        }
    }

    fn attributes(&self, field: &Field, decl: &FieldDecl) -> Vec<(Attribute, Spanned<String>)> {
        let switch = |on: bool| on.then(|| "true".to_owned());
        let value = |attribute: Attribute| match attribute {
            Attribute::Default => field.default.as_ref().map(|value| self.literal(&field.ty, value)),
            Attribute::Rule(rule) => field.rules.get(rule).map(|given| self.given(&field.ty, given)),
            Attribute::Unit => field.unit.as_deref().map(quoted),
            Attribute::Deprecated => switch(field.deprecated.is_some()),
            Attribute::Redacted => switch(field.redacted),
        };
        let present = Attribute::all().filter_map(|attribute| Some((attribute, value(attribute)?)));
        present.map(|(attribute, value)| (attribute, Spanned::new(value, place(attribute, decl)))).collect()
    }

    /// The argument of a rule, as contracts write it.
    fn given(&self, ty: &Type, given: &Given) -> String {
        match given {
            Given::Number(number) => self.literal(ty, number),
            Given::Length(length) => length.to_string(),
            Given::On => "true".to_owned(),
        }
    }

    fn type_def(&self, id: TypeId, def: &TypeDef, decl: &TypeDecl) -> TypeFacts {
        let (shape, shape_place) = self.shape(&def.kind, decl);
        TypeFacts { place: decl.name.span, shape_place, shape, hash: self.facts.named(id).digest }
    }

    /// The kind, and where it is written.
    fn shape(&self, kind: &TypeKind, decl: &TypeDecl) -> (Shape, Span) {
        let name = decl.name.span;
        match (kind, &decl.body) {
            (TypeKind::Decimal { repr, scale }, body) => {
                let place = match body {
                    Some(TypeBody::Decimal { scale, .. }) => scale.span,
                    _ => name,
                };
                (Shape::Decimal { repr: int_name(*repr).to_owned(), scale: *scale }, place)
            }
            (TypeKind::Newtype(inner), body) => {
                let place = match body {
                    Some(TypeBody::Newtype(expr) | TypeBody::RustType { expr, .. }) => expr.span,
                    _ => name,
                };
                (Shape::Newtype { inner: self.type_text(inner) }, place)
            }
            (TypeKind::Enum { repr, open, variants }, body) => {
                let (decls, place) = match body {
                    Some(TypeBody::Enum { repr, variants, .. }) => (variants.as_slice(), repr.span),
                    _ => (&[][..], name),
                };
                let lowest = variants.iter().map(|variant| variant.value).min();
                let first =
                    variants.first().map(|variant| variant.value).filter(|first| !open && Some(*first) != lowest);
                let variants = values(variants.iter().map(|variant| variant.value), decls);
                (Shape::Enum { repr: int_name(*repr).to_owned(), open: *open, variants, first }, place)
            }
            (TypeKind::Flags { repr, bits }, body) => {
                let (decls, place) = match body {
                    Some(TypeBody::Flags { repr, bits }) => (bits.as_slice(), repr.span),
                    _ => (&[][..], name),
                };
                let bits = values(bits.iter().map(|bit| i128::from(bit.position)), decls);
                (Shape::Flags { repr: int_name(*repr).to_owned(), bits }, place)
            }
            (TypeKind::Struct(members), body) => {
                let decls = match body {
                    Some(TypeBody::Struct(decls)) => decls.as_slice(),
                    _ => &[],
                };
                (Shape::Struct { members: self.members(members, decls, 0) }, name)
            }
            (TypeKind::Oneof(variants), body) => {
                let decls = match body {
                    Some(TypeBody::Oneof(decls)) => decls.as_slice(),
                    _ => &[],
                };
                let variants = variants.iter().zip(decls).zip(0..).map(|((variant, decl), tag)| VariantFacts {
                    name: decl.name.clone(),
                    tag,
                    members: self.members(&variant.members, &decl.members, TAG_SIZE),
                });
                (Shape::Oneof { variants: variants.collect() }, name)
            }
        }
    }

    /// Members side by side, as `repr(C)` puts them.
    fn members(&self, members: &[Member], decls: &[MemberDecl], start: u64) -> Vec<MemberFacts> {
        let offsets = self.facts.offsets(members, start);
        let facts = members.iter().zip(decls).zip(offsets).map(|((member, decl), offset)| {
            let place = decl.ty.as_ref().map_or(decl.name.span, |ty| ty.span);
            MemberFacts { name: decl.name.clone(), ty: Spanned::new(self.type_text(&member.ty), place), offset }
        });
        facts.collect()
    }

    /// A type as contracts write it.
    fn type_text(&self, ty: &Type) -> String {
        match ty {
            Type::Scalar(scalar) => scalar_name(*scalar).to_owned(),
            Type::Named(id) => self.schema.type_def(*id).name.clone(),
            Type::Array(element, count) => format!("[{}; {count}]", self.type_text(element)),
            Type::Str(bound) => format!("str<={bound}"),
            Type::Bytes(bound) => format!("bytes<={bound}"),
            Type::List(element, bound) => format!("[{}]<={bound}", self.type_text(element)),
        }
    }

    /// A value as contracts write it, except that variants and bits are numbers: their names may change.
    fn literal(&self, ty: &Type, literal: &Literal) -> String {
        match literal {
            Literal::Bool(value) => value.to_string(),
            Literal::Int(value) => match self.scale(ty) {
                Some(scale) => number::decimal_text(*value, scale),
                None => value.to_string(),
            },
            Literal::Wide(bytes) => {
                let digits: String = bytes.iter().rev().map(|byte| format!("{byte:02x}")).collect();
                format!("0x{}", digits.trim_start_matches('0'))
            }
            Literal::Float(text) => number::parse_float(text).map_or_else(|| text.clone(), |it| format!("{it:?}")),
            Literal::Str(text) => quoted(text),
            Literal::Variant(index) => self.variant_value(ty, *index).map_or_else(String::new, |it| it.to_string()),
            Literal::Empty => "[]".to_owned(),
            Literal::Elements(items) => {
                let element = match self.underlying(ty) {
                    Type::Array(element, _) | Type::List(element, _) => element,
                    other => other,
                };
                let items: Vec<String> = items.iter().map(|item| self.literal(element, item)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    fn variant_value(&self, ty: &Type, index: usize) -> Option<i128> {
        let Type::Named(id) = self.underlying(ty) else { return None };
        match &self.schema.type_def(*id).kind {
            TypeKind::Enum { variants, .. } => variants.get(index).map(|variant| variant.value),
            _ => None,
        }
    }

    fn scale(&self, ty: &Type) -> Option<u32> {
        let Type::Named(id) = self.underlying(ty) else { return None };
        match self.schema.type_def(*id).kind {
            TypeKind::Decimal { scale, .. } => Some(scale),
            _ => None,
        }
    }

    /// The type inside newtypes. Valid contracts have no cycle of them.
    fn underlying<'t>(&'t self, mut ty: &'t Type) -> &'t Type {
        while let Type::Named(id) = ty {
            match &self.schema.type_def(*id).kind {
                TypeKind::Newtype(inner) => ty = inner,
                _ => break,
            }
        }
        ty
    }
}

fn values(values: impl Iterator<Item = i128>, decls: &[ValueDecl]) -> Vec<Value> {
    let mut values: Vec<Value> =
        values.zip(decls).map(|(value, decl)| Value { name: decl.name.clone(), value }).collect();
    values.sort_by_key(|value| value.value);
    values
}

/// Where an attribute of a field is written.
fn place(attribute: Attribute, decl: &FieldDecl) -> Span {
    let key = match attribute {
        Attribute::Default => decl.default.as_ref().map(|(key, _)| *key),
        Attribute::Rule(rule) => decl.rules.iter().find(|decl| decl.rule == rule).map(|decl| decl.key.span),
        Attribute::Unit | Attribute::Deprecated | Attribute::Redacted => None,
    };
    key.unwrap_or(decl.name.span)
}
