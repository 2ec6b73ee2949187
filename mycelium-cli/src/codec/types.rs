//! Types as bytes: sizes, offsets, fillers, and which bits are valid.

use mycelium_codegen::internal::layout::{Facts, TAG_SIZE};
use mycelium_codegen::internal::model::{Literal, Member, Schema, Type, TypeId, TypeKind, Variant};

use super::number::{Whole, is_signed};

/// The types of a contract.
#[derive(Clone, Copy)]
pub(super) struct Types<'a> {
    pub(super) schema: &'a Schema,
    pub(super) facts: &'a Facts,
}

/// A member of a struct or variant, and its offset.
pub(super) struct Placed<'m> {
    pub(super) member: &'m Member,
    pub(super) offset: usize,
    pub(super) size: usize,
}

impl<'a> Types<'a> {
    /// The size of a value in bytes; of a list, that of its slots.
    pub(super) fn size(&self, ty: &Type) -> usize {
        index(self.facts.size(ty))
    }

    /// The members after `start` bytes, each with its offset.
    pub(super) fn placed<'m>(&self, members: &'m [Member], start: u64) -> Vec<Placed<'m>> {
        let place =
            |(member, offset): (&'m Member, u64)| Placed { member, offset: index(offset), size: self.size(&member.ty) };
        members.iter().zip(self.facts.offsets(members, start)).map(place).collect()
    }

    /// The values in an array, or in the slots of a list.
    pub(super) fn elements<'b>(&self, element: &Type, bytes: &'b [u8]) -> std::slice::Chunks<'b, u8> {
        bytes.chunks(self.size(element).max(1))
    }

    /// Whether these bits are a valid value of the type.
    pub(super) fn are_value(&self, ty: &Type, bytes: &[u8]) -> bool {
        match ty {
            Type::Scalar(mycelium_codegen::internal::model::Scalar::Bool) => matches!(bytes, [0 | 1]),
            Type::Scalar(_) | Type::Str(_) | Type::Bytes(_) => true,
            Type::Array(element, _) | Type::List(element, _) => {
                self.elements(element, bytes).all(|bytes| self.are_value(element, bytes))
            }
            Type::Named(id) => match &self.schema.type_def(*id).kind {
                TypeKind::Decimal { .. } | TypeKind::Flags { .. } | TypeKind::Enum { open: true, .. } => true,
                TypeKind::Newtype(inner) => self.are_value(inner, bytes),
                TypeKind::Enum { repr, variants, .. } => {
                    let value = Whole::from_bytes(bytes, is_signed(*repr));
                    variants.iter().any(|variant| Whole::Signed(variant.value) == value)
                }
                TypeKind::Struct(members) => self.are_members(members, 0, bytes),
                TypeKind::Oneof(variants) => {
                    let variant = tag(bytes).and_then(|tag| variants.get(tag));
                    variant.is_some_and(|variant| self.are_members(&variant.members, TAG_SIZE, bytes))
                }
            },
        }
    }

    fn are_members(&self, members: &[Member], start: u64, bytes: &[u8]) -> bool {
        let mut end = index(start);
        for Placed { member, offset, size } in self.placed(members, start) {
            if !is_zero(part(bytes, end, offset)) || !self.are_value(&member.ty, part(bytes, offset, offset + size)) {
                return false;
            }
            end = offset + size;
        }
        is_zero(part(bytes, end, bytes.len()))
    }

    /// The bytes of an absent or unused value: zeros, or the first variant of a closed enum.
    pub(super) fn filler(&self, ty: &Type) -> Vec<u8> {
        match ty {
            Type::Scalar(_) | Type::Str(_) | Type::Bytes(_) => vec![0; self.size(ty)],
            Type::Array(element, count) | Type::List(element, count) => self.filler(element).repeat(*count as usize),
            Type::Named(id) => match &self.schema.type_def(*id).kind {
                TypeKind::Newtype(inner) => self.filler(inner),
                TypeKind::Enum { repr, open: false, variants } => {
                    let value = variants.first().map_or(0, |variant| variant.value);
                    Whole::Signed(value).to_bytes(self.size(ty), is_signed(*repr)).unwrap_or_default()
                }
                TypeKind::Struct(members) => self.filled(members, 0, self.size(ty)),
                TypeKind::Oneof(variants) => {
                    let first = variants.first().map_or(&[][..], |variant| &variant.members);
                    self.filled(first, TAG_SIZE, self.size(ty))
                }
                _ => vec![0; self.size(ty)],
            },
        }
    }

    fn filled(&self, members: &[Member], start: u64, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        for Placed { member, offset, .. } in self.placed(members, start) {
            put(&mut bytes, offset, &self.filler(&member.ty));
        }
        bytes
    }

    /// A value written in the contract, as bytes.
    pub(super) fn literal(&self, ty: &Type, value: &Literal) -> Vec<u8> {
        match (self.schema.resolve(ty), value) {
            (Type::Array(element, _), Literal::Elements(values)) => {
                values.iter().flat_map(|value| self.literal(element, value)).collect()
            }
            (Type::Str(bound), Literal::Str(text)) => sized(text.as_bytes(), *bound),
            (Type::Bytes(bound), Literal::Elements(values)) => {
                let bytes: Vec<u8> = values.iter().map(byte).collect();
                sized(&bytes, *bound)
            }
            (Type::Scalar(scalar), value) => self.scalar_literal(*scalar, value),
            (Type::Named(id), value) => self.named_literal(*id, ty, value),
            (ty, _) => self.filler(ty),
        }
    }

    fn scalar_literal(&self, scalar: mycelium_codegen::internal::model::Scalar, value: &Literal) -> Vec<u8> {
        use mycelium_codegen::internal::model::Scalar;
        let size = self.size(&Type::Scalar(scalar));
        let whole = |whole: Whole| whole.to_bytes(size, super::number::scalar_sign(scalar).unwrap_or(false));
        match (scalar, value) {
            (_, Literal::Bool(value)) => vec![u8::from(*value)],
            (Scalar::F32, Literal::Float(text)) => text.parse::<f32>().unwrap_or_default().to_le_bytes().to_vec(),
            (_, Literal::Float(text)) => text.parse::<f64>().unwrap_or_default().to_le_bytes().to_vec(),
            (_, Literal::Int(value)) => whole(Whole::Signed(*value)).unwrap_or_else(|| vec![0; size]),
            (_, Literal::Wide(bytes)) => whole(Whole::Wide(*bytes)).unwrap_or_else(|| vec![0; size]),
            _ => vec![0; size],
        }
    }

    fn named_literal(&self, id: TypeId, ty: &Type, value: &Literal) -> Vec<u8> {
        let number = match (&self.schema.type_def(id).kind, value) {
            (TypeKind::Enum { variants, .. }, Literal::Variant(at)) => variants.get(*at).map(|variant| variant.value),
            (_, Literal::Int(value)) => Some(*value),
            _ => None,
        };
        let bytes = number.and_then(|number| {
            let whole = Whole::Signed(number);
            whole.to_bytes(self.size(ty), number < 0).or_else(|| whole.to_bytes(self.size(ty), true))
        });
        bytes.unwrap_or_else(|| self.filler(ty))
    }
}

/// The index of a oneof's variant.
pub(super) fn tag(bytes: &[u8]) -> Option<usize> {
    let tag = bytes.first_chunk().copied().map(u64::from_le_bytes)?;
    usize::try_from(tag).ok()
}

/// The variant of an enum that has this value.
pub(super) fn variant(variants: &[Variant], value: Whole) -> Option<&Variant> {
    variants.iter().find(|variant| Whole::Signed(variant.value) == value)
}

/// Bounded text or bytes: the length, the bytes, then zeros.
pub(super) fn sized(bytes: &[u8], bound: u32) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut sized = length.to_le_bytes().to_vec();
    sized.extend(bytes);
    sized.resize(bound as usize + 2, 0);
    sized
}

/// The length of bounded text or bytes, and the bytes up to its bound.
pub(super) fn unsized_bytes(bytes: &[u8]) -> (usize, &[u8]) {
    match bytes.split_first_chunk() {
        Some((length, content)) => (usize::from(u16::from_le_bytes(*length)), content),
        None => (0, &[]),
    }
}

/// A part of some bytes; empty if they end before it.
pub(super) fn part(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    bytes.get(start..end).unwrap_or_default()
}

/// Overwrites a part of some bytes, as far as it exists.
pub(super) fn put(bytes: &mut [u8], offset: usize, value: &[u8]) {
    let room = bytes.get_mut(offset..).unwrap_or_default();
    room.iter_mut().zip(value).for_each(|(slot, byte)| *slot = *byte);
}

pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// A size as an index: sizes are at most 65,528 in a valid contract.
pub(super) fn index(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

fn byte(value: &Literal) -> u8 {
    match value {
        Literal::Int(value) => u8::try_from(*value).unwrap_or_default(),
        _ => 0,
    }
}
