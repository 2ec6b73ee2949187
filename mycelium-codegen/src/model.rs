//! The checked schema: every name is resolved, every bound known, and every value in range.
//!
//! The checker keeps only what has no error, so later stages (layout, digest, writer) check nothing and return no errors.

use crate::rules::Rules;

/// The declarations of a contract file and its imports, in file order.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The schema's name: `schema.name`, else the file's stem.
    pub name: String,
    /// The version, at least 1.
    pub version: u16,
    /// Paragraphs about the schema as a whole: the invariants of the older dialect.
    pub doc: Option<String>,
    /// The oldest version that this one still talks to; `1 ..= version`.
    pub min_compatible: u16,
    /// Named types, in declared order; a [`TypeId`] is an index into it.
    pub types: Vec<TypeDef>,
    /// Messages, in declared order.
    pub messages: Vec<Message>,
}

impl Schema {
    /// The definition behind a resolved name.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// The type inside newtypes.
    pub fn resolve<'t>(&'t self, ty: &'t Type) -> &'t Type {
        let mut ty = ty;
        while let Type::Named(id) = ty {
            match self.type_def(*id) {
                TypeDef { kind: TypeKind::Newtype(inner), broken: false, .. } => ty = inner,
                _ => break,
            }
        }
        ty
    }
}

/// An index into [`Schema::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);

/// One entry of `types:`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDef {
    /// As written: a Rust type name.
    pub name: String,
    /// Paragraphs for rustdoc.
    pub doc: Option<String>,
    /// The kind of type.
    pub kind: TypeKind,
    /// Whether the definition has an error: the writer then emits a stub of this name.
    pub broken: bool,
}

/// The kind of a named type.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    /// A fixed-point number: the value is `raw / 10^scale`.
    Decimal {
        /// The integer that stores the raw value.
        repr: Int,
        /// Digits after the point; at most 18, and `10^scale` fits `repr`.
        scale: u32,
    },
    /// A distinct type that wraps another one; never a list.
    Newtype(Type),
    /// One of several named values.
    Enum {
        /// The integer on the wire.
        repr: Int,
        /// Open: unknown values are kept. Closed: `decode` refuses them.
        open: bool,
        /// At least one; values are distinct and fit `repr`.
        variants: Vec<Variant>,
    },
    /// A set of named bits.
    Flags {
        /// The unsigned integer that holds the bits.
        repr: Int,
        /// Distinct bits, each below the width of `repr`.
        bits: Vec<Bit>,
    },
    /// Several members.
    Struct(Vec<Member>),
    /// One of several variants.
    Oneof(Vec<OneofVariant>),
}

/// One named value of an enum.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    pub name: String,
    pub value: i128,
    pub doc: Option<String>,
}

/// One named bit of a flags type.
#[derive(Debug, Clone, PartialEq)]
pub struct Bit {
    pub name: String,
    /// Position, 0 is the lowest.
    pub position: u32,
    pub doc: Option<String>,
}

/// One field of a struct type or of a oneof variant: a scalar, a named type of fixed size or an array of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub name: String,
    pub ty: Type,
    pub doc: Option<String>,
    pub unit: Option<String>,
}

/// One variant of a oneof; its tag on the wire is its index.
#[derive(Debug, Clone, PartialEq)]
pub struct OneofVariant {
    pub name: String,
    pub members: Vec<Member>,
    pub doc: Option<String>,
}

/// A type expression, names resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Scalar(Scalar),
    Named(TypeId),
    /// `[T; N]`, N ≥ 1; arrays nest.
    Array(Box<Type>, u32),
    /// `str<=N`: UTF-8 of at most N bytes, N ≥ 1.
    Str(u32),
    /// `bytes<=N`, N ≥ 1.
    Bytes(u32),
    /// `[T]<=N`: at most N elements, N ≥ 1; `T` is of fixed size, or `str<=N` / `bytes<=N` (or a newtype of those).
    List(Box<Type>, u32),
}

/// A built-in type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scalar {
    Bool,
    Int(Int),
    U128,
    I128,
    U256,
    F32,
    F64,
    /// Nanoseconds since the Unix epoch, u64.
    TimestampNs,
    /// Nanoseconds, i64.
    DurationNs,
}

/// A native integer of up to 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Int {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
}

/// The built-in types by name, in the order in which editors offer them.
pub const BUILTINS: [(&str, Scalar); 16] = [
    ("bool", Scalar::Bool),
    ("u8", Scalar::Int(Int::U8)),
    ("u16", Scalar::Int(Int::U16)),
    ("u32", Scalar::Int(Int::U32)),
    ("u64", Scalar::Int(Int::U64)),
    ("u128", Scalar::U128),
    ("u256", Scalar::U256),
    ("i8", Scalar::Int(Int::I8)),
    ("i16", Scalar::Int(Int::I16)),
    ("i32", Scalar::Int(Int::I32)),
    ("i64", Scalar::Int(Int::I64)),
    ("i128", Scalar::I128),
    ("f32", Scalar::F32),
    ("f64", Scalar::F64),
    ("timestamp_ns", Scalar::TimestampNs),
    ("duration_ns", Scalar::DurationNs),
];

/// A built-in type by its name.
pub(crate) fn builtin(name: &str) -> Option<Scalar> {
    BUILTINS.iter().find(|(known, _)| *known == name).map(|(_, scalar)| *scalar)
}

/// The name of a scalar in a contract.
pub fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::Int(int) => int_name(int),
        Scalar::U128 => "u128",
        Scalar::I128 => "i128",
        Scalar::U256 => "u256",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
        Scalar::TimestampNs => "timestamp_ns",
        Scalar::DurationNs => "duration_ns",
    }
}

/// The name of an integer in Rust, which is also its name in a contract.
pub fn int_name(int: Int) -> &'static str {
    match int {
        Int::U8 => "u8",
        Int::U16 => "u16",
        Int::U32 => "u32",
        Int::U64 => "u64",
        Int::I8 => "i8",
        Int::I16 => "i16",
        Int::I32 => "i32",
        Int::I64 => "i64",
    }
}

/// One entry of `messages:`.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub name: String,
    pub id: u16,
    pub topic: String,
    /// Paragraphs for rustdoc, including what the older dialect adds (invariants, domain, sensitivity).
    pub doc: Option<String>,
    /// In declared order; `since` never decreases.
    pub fields: Vec<Field>,
    /// Debug prints `<redacted>` for the whole payload.
    pub redacted: bool,
    /// The reason, for `#[deprecated]`.
    pub deprecated: Option<String>,
    /// Whether the fields can't be generated together: the writer then leaves all of them out. A message with any other error keeps its
    /// valid fields.
    pub broken: bool,
}

/// One field of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    pub doc: Option<String>,
    pub optional: bool,
    /// The value of a field that is not set, or that an older body lacks. `None` means zero, empty, absent or the first variant.
    pub default: Option<Literal>,
    /// The schema version that added the field, at least 1.
    pub since: u16,
    /// The reason, for `#[deprecated]`.
    pub deprecated: Option<String>,
    pub unit: Option<String>,
    /// What `validate` checks in addition to the type; for an optional field, if it is present.
    pub rules: Rules,
    /// Debug prints `<redacted>` for this field.
    pub redacted: bool,
}

/// A value in the contract, converted to the type of its field.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Bool(bool),
    /// Integers, timestamps, durations; flags as their bits; an open enum's number; a decimal's raw value.
    Int(i128),
    /// Beyond `i128`: u128 and u256, as little-endian bytes.
    Wide([u8; 32]),
    /// As written; it is known to parse.
    Float(String),
    Str(String),
    /// A variant of an enum, by index.
    Variant(usize),
    /// `[]`: an empty list, or empty bytes.
    Empty,
    /// The elements of an array or list.
    Elements(Vec<Literal>),
}
