//! Facts about each type that the writer needs: size, alignment, digest, and which bytes and values it has.
//!
//! They are computed once for each named type, so that deeply nested types are cheap.

use crate::digest;
use crate::layout::align_up;
use crate::model::{Int, Member, Scalar, Schema, Type, TypeDef, TypeId, TypeKind};

/// The facts of all named types of a schema.
#[derive(Debug)]
pub struct Facts {
    types: Vec<Option<TypeFacts>>,
}

/// The facts of one type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypeFacts {
    /// Bytes.
    pub size: u64,
    /// Bytes: a power of two.
    pub align: u64,
    /// Every bit pattern is a value: it contains no bool, closed enum, oneof or padding.
    pub(crate) is_plain: bool,
    /// It contains floats, so it has no `Eq`, `Hash` or `Ord`.
    pub(crate) has_floats: bool,
    /// It has an order: it contains no struct, oneof, flags or array.
    pub(crate) is_ordered: bool,
    /// It contains bounded text or bytes, whose content must be checked.
    pub(crate) has_content: bool,
    /// The hash of the structure, without names.
    pub(crate) digest: u64,
}

impl Facts {
    /// Computes the facts of all types. A broken type has those of its stub, one byte.
    pub fn of(schema: &Schema) -> Self {
        let mut facts = Self { types: vec![None; schema.types.len()] };
        for root in 0..schema.types.len() {
            facts.resolve(schema, root);
        }
        facts
    }

    /// Visits the types that a type refers to before the type itself, with an explicit stack: chains of types can be long.
    fn resolve(&mut self, schema: &Schema, root: usize) {
        let mut pending = vec![(root, false)];
        while let Some((index, is_ready)) = pending.pop() {
            if self.types[index].is_some() {
                continue;
            }
            let def = &schema.types[index];
            if is_ready || def.broken {
                self.types[index] = Some(self.type_def(def));
            } else {
                pending.push((index, true));
                referred(def).into_iter().for_each(|id| pending.push((id.0, false)));
            }
        }
    }

    /// The facts of a named type.
    pub fn named(&self, id: TypeId) -> TypeFacts {
        self.types[id.0].unwrap_or(STUB)
    }

    /// The size of a type expression in bytes.
    pub fn size(&self, ty: &Type) -> u64 {
        self.ty(ty).size
    }

    /// The alignment of a type expression in bytes.
    pub(crate) fn align(&self, ty: &Type) -> u64 {
        self.ty(ty).align
    }

    /// The facts of a type expression. For a list, they are those of its elements.
    pub fn ty(&self, ty: &Type) -> TypeFacts {
        let mut facts = match ty {
            Type::Scalar(scalar) => scalar_facts(*scalar),
            Type::Named(id) => self.named(*id),
            Type::Str(bound) | Type::Bytes(bound) => {
                TypeFacts { size: u64::from(*bound) + 2, has_content: true, ..STUB }
            }
            Type::Array(element, count) | Type::List(element, count) => {
                let element = self.ty(element);
                TypeFacts { size: element.size.saturating_mul(u64::from(*count)), is_ordered: false, ..element }
            }
        };
        facts.digest = digest::of_type(self, ty);
        facts
    }

    fn type_def(&self, def: &TypeDef) -> TypeFacts {
        if def.broken {
            return STUB;
        }
        let mut facts = match &def.kind {
            TypeKind::Decimal { repr, .. } => int_facts(*repr),
            TypeKind::Newtype(inner) => self.ty(inner),
            TypeKind::Enum { repr, open, .. } => TypeFacts { is_plain: *open, ..int_facts(*repr) },
            TypeKind::Flags { repr, .. } => TypeFacts { is_ordered: false, ..int_facts(*repr) },
            TypeKind::Struct(members) => self.members(members, 0),
            TypeKind::Oneof(variants) => {
                let shapes = variants.iter().map(|variant| self.members(&variant.members, TAG_SIZE));
                shapes.fold(TypeFacts { size: TAG_SIZE, align: TAG_SIZE, ..EMPTY }, |whole, shape| TypeFacts {
                    size: whole.size.max(align_up(shape.size, TAG_SIZE)),
                    is_plain: false,
                    ..both(whole, shape)
                })
            }
        };
        facts.digest = digest::of_type_def(self, def);
        facts
    }

    /// The offsets of these members, placed after `start` bytes as `repr(C)` places them.
    pub fn offsets(&self, members: &[Member], start: u64) -> Vec<u64> {
        let mut end = start;
        let offset = |member: &Member| {
            let offset = align_up(end, self.align(&member.ty));
            end = offset.saturating_add(self.size(&member.ty));
            offset
        };
        members.iter().map(offset).collect()
    }

    /// The facts of members that are placed after `start` bytes as `repr(C)` places them.
    fn members(&self, members: &[Member], start: u64) -> TypeFacts {
        let mut whole = TypeFacts { size: start, ..EMPTY };
        for member in members {
            let facts = self.ty(&member.ty);
            let offset = align_up(whole.size, facts.align);
            let is_plain = whole.is_plain && facts.is_plain && offset == whole.size;
            whole = TypeFacts { size: offset.saturating_add(facts.size), is_plain, ..both(whole, facts) };
        }
        let size = align_up(whole.size, whole.align);
        TypeFacts { is_plain: whole.is_plain && size == whole.size, size, ..whole }
    }
}

impl TypeFacts {
    /// The facts that the derives of a message depend on, except `is_plain`.
    pub(crate) fn of_message(size: u64) -> Self {
        Self { size, align: 8, ..STUB }
    }
}

/// The size of a oneof's tag in bytes, and the alignment of its variants.
pub const TAG_SIZE: u64 = 8;

/// One byte: the facts of a broken type, and the base for other facts.
const STUB: TypeFacts =
    TypeFacts { size: 1, align: 1, is_plain: true, has_floats: false, is_ordered: true, has_content: false, digest: 0 };

/// No bytes.
const EMPTY: TypeFacts = TypeFacts { size: 0, is_ordered: false, ..STUB };

/// The facts of two types next to each other, except the size.
fn both(left: TypeFacts, right: TypeFacts) -> TypeFacts {
    TypeFacts {
        align: left.align.max(right.align),
        has_floats: left.has_floats || right.has_floats,
        has_content: left.has_content || right.has_content,
        ..left
    }
}

fn scalar_facts(scalar: Scalar) -> TypeFacts {
    let sized = |size: u64, align: u64| TypeFacts { size, align, ..STUB };
    match scalar {
        Scalar::Bool => TypeFacts { is_plain: false, ..STUB },
        Scalar::Int(int) => int_facts(int),
        Scalar::U128 | Scalar::I128 => sized(16, 8),
        Scalar::U256 => sized(32, 8),
        Scalar::F32 => TypeFacts { has_floats: true, ..sized(4, 4) },
        Scalar::F64 => TypeFacts { has_floats: true, ..sized(8, 8) },
        Scalar::TimestampNs | Scalar::DurationNs => sized(8, 8),
    }
}

fn int_facts(int: Int) -> TypeFacts {
    let size = match int {
        Int::U8 | Int::I8 => 1,
        Int::U16 | Int::I16 => 2,
        Int::U32 | Int::I32 => 4,
        Int::U64 | Int::I64 => 8,
    };
    TypeFacts { size, align: size, ..STUB }
}

/// The named types that a definition refers to.
fn referred(def: &TypeDef) -> Vec<TypeId> {
    match &def.kind {
        TypeKind::Newtype(inner) => innermost(inner).into_iter().collect(),
        TypeKind::Struct(members) => members.iter().filter_map(|member| innermost(&member.ty)).collect(),
        TypeKind::Oneof(variants) => {
            variants.iter().flat_map(|variant| &variant.members).filter_map(|member| innermost(&member.ty)).collect()
        }
        TypeKind::Decimal { .. } | TypeKind::Enum { .. } | TypeKind::Flags { .. } => Vec::new(),
    }
}

fn innermost(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(*id),
        Type::Array(element, _) | Type::List(element, _) => innermost(element),
        Type::Scalar(_) | Type::Str(_) | Type::Bytes(_) => None,
    }
}
