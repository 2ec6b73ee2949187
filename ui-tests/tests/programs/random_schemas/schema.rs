//! A random contract, and a later version of it.

use std::fmt::Write as _;

use fastrand::Rng;

/// The integers a named type may be made of.
const INTS: [&str; 8] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];

/// A contract as it is about to be written.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) version: u16,
    pub(crate) types: Vec<Named>,
    pub(crate) messages: Vec<Message>,
}

/// A named type.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Decimal(&'static str),
    Newtype(Type),
    Enum { open: bool, variants: usize },
    Flags { bits: u32 },
    Struct(Vec<Type>),
    Oneof(Vec<Vec<Type>>),
}

/// A type expression.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    Scalar(&'static str),
    Named(usize),
    Array(Box<Type>, usize),
    Str(usize),
    Bytes(usize),
    List(Box<Type>, usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) ty: Type,
    pub(crate) optional: bool,
    pub(crate) since: u16,
}

const SCALARS: [&str; 16] = [
    "bool",
    "u8",
    "u16",
    "u32",
    "u64",
    "i8",
    "i16",
    "i32",
    "i64",
    "u128",
    "i128",
    "u256",
    "f32",
    "f64",
    "timestamp_ns",
    "duration_ns",
];

impl Schema {
    pub(crate) fn random(random: &mut Rng) -> Self {
        let mut schema = Self { version: 1, types: Vec::new(), messages: Vec::new() };
        for number in 0..random.usize(1..7) {
            let kind = schema.random_kind(random);
            schema.types.push(Named { name: format!("Type{number}"), kind });
        }
        for _ in 0..random.usize(1..4) {
            let fields = (0..random.usize(0..7)).map(|_| schema.random_field(random, 1)).collect();
            schema.messages.push(Message { fields });
        }
        schema
    }

    /// The next version: some messages grow at their end, one may be added.
    pub(crate) fn evolved(&self, random: &mut Rng) -> Self {
        let mut schema = self.clone();
        schema.version = 2;
        for message in 0..schema.messages.len() {
            for _ in 0..random.usize(0..4) {
                let field = schema.random_new_field(random);
                schema.messages[message].fields.push(field);
            }
        }
        if random.bool() {
            let fields = (0..random.usize(1..4)).map(|_| schema.random_field(random, 1)).collect();
            schema.messages.push(Message { fields });
        }
        schema
    }

    fn random_kind(&self, random: &mut Rng) -> Kind {
        match random.u8(0..7) {
            0 => Kind::Decimal(random.choice(["i32", "i64", "u64"]).unwrap_or("i64")),
            1 => Kind::Newtype(match random.u8(0..3) {
                0 => Type::Str(random.usize(1..20)),
                1 => Type::Scalar(scalar(random)),
                _ => Type::Array(Box::new(Type::Scalar(random.choice(INTS).unwrap_or("u8"))), random.usize(1..40)),
            }),
            2 => Kind::Enum { open: false, variants: random.usize(1..5) },
            3 => Kind::Enum { open: true, variants: random.usize(1..5) },
            4 => Kind::Flags { bits: random.u32(1..9) },
            5 => Kind::Struct((0..random.usize(1..5)).map(|_| self.random_fixed(random, 2)).collect()),
            _ => Kind::Oneof(
                (0..random.usize(1..4))
                    .map(|_| (0..random.usize(0..4)).map(|_| self.random_fixed(random, 2)).collect())
                    .collect(),
            ),
        }
    }

    fn random_field(&self, random: &mut Rng, since: u16) -> Field {
        let ty = match random.u8(0..8) {
            0 => Type::Str(random.usize(1..40)),
            1 => Type::Bytes(random.usize(1..40)),
            2 => Type::List(Box::new(self.random_fixed(random, 1)), random.usize(1..6)),
            _ => self.random_fixed(random, 2),
        };
        let optional = random.u8(0..4) == 0;
        Field { ty, optional, since }
    }

    /// A field of version 2: optional, unless its type has a default that can be written for sure.
    fn random_new_field(&self, random: &mut Rng) -> Field {
        let mut field = self.random_field(random, 2);
        field.optional |= !field.has_written_default();
        field
    }

    /// A type that a struct, an array or a list may hold.
    fn random_fixed(&self, random: &mut Rng, depth: usize) -> Type {
        match random.u8(0..4) {
            0 if depth > 0 => Type::Array(Box::new(self.random_fixed(random, depth - 1)), random.usize(1..5)),
            1 | 2 if !self.types.is_empty() => {
                let id = random.usize(0..self.types.len());
                if self.is_variable(id) { Type::Scalar("u16") } else { Type::Named(id) }
            }
            _ => Type::Scalar(scalar(random)),
        }
    }

    fn is_variable(&self, id: usize) -> bool {
        matches!(self.types[id].kind, Kind::Newtype(Type::Str(_) | Type::Bytes(_)))
    }

    pub(crate) fn yaml(&self) -> String {
        let mut text = format!("schema: {{ name: random, version: {}, min_compatible: 1 }}\ntypes:\n", self.version);
        text.push_str(&self.types_yaml());
        text.push_str("messages:\n");
        for (number, message) in self.messages.iter().enumerate() {
            let _ = writeln!(text, "  Message{number}:\n    id: {}\n    doc: A message.", number + 1);
            if message.fields.is_empty() {
                text.push_str("    fields: {}\n");
                continue;
            }
            text.push_str("    fields:\n");
            for (place, field) in message.fields.iter().enumerate() {
                let _ = writeln!(text, "      f{place}: {{ {}, doc: A field. }}", self.field(field));
            }
        }
        text
    }

    /// The lines under `types:`.
    pub(crate) fn types_yaml(&self) -> String {
        let line = |named: &Named| format!("  {}: {{ {}, doc: A type. }}\n", named.name, self.kind(&named.kind));
        self.types.iter().map(line).collect()
    }

    /// What is said of a field.
    pub(crate) fn field(&self, field: &Field) -> String {
        let mut text = format!("type: \"{}\"", self.ty(&field.ty));
        if field.optional {
            text.push_str(", optional: true");
        }
        if field.since > 1 {
            let _ = write!(text, ", since: {}", field.since);
            if !field.optional {
                let default = match field.ty {
                    Type::Scalar("bool") => "true",
                    Type::Str(_) => "\"\"",
                    Type::Bytes(_) | Type::List(..) => "[]",
                    _ => "7",
                };
                let _ = write!(text, ", default: {default}");
            }
        }
        text
    }

    fn kind(&self, kind: &Kind) -> String {
        match kind {
            Kind::Decimal(repr) => format!("decimal: {{ repr: {repr}, scale: 3 }}"),
            Kind::Newtype(ty) => format!("newtype: \"{}\"", self.ty(ty)),
            Kind::Enum { open, variants } => {
                let list: Vec<_> =
                    (0..*variants).map(|number| format!("Variant{number}: {}", 3 * number + 1)).collect();
                format!("enum: u16, open: {open}, variants: {{ {} }}", list.join(", "))
            }
            Kind::Flags { bits } => {
                let list: Vec<_> = (0..*bits).map(|number| format!("Bit{number}: {number}")).collect();
                format!("flags: u16, bits: {{ {} }}", list.join(", "))
            }
            Kind::Struct(members) => format!("struct: {}", self.members(members)),
            Kind::Oneof(variants) => {
                let list: Vec<_> = variants
                    .iter()
                    .enumerate()
                    .map(|(number, members)| format!("Shape{number}: {}", self.members(members)))
                    .collect();
                format!("oneof: {{ {} }}", list.join(", "))
            }
        }
    }

    fn members(&self, members: &[Type]) -> String {
        let list: Vec<_> =
            members.iter().enumerate().map(|(place, ty)| format!("m{place}: \"{}\"", self.ty(ty))).collect();
        format!("{{ {} }}", list.join(", "))
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Scalar(name) => (*name).to_owned(),
            Type::Named(id) => self.types[*id].name.clone(),
            Type::Array(element, length) => format!("[{}; {length}]", self.ty(element)),
            Type::Str(bound) => format!("str<={bound}"),
            Type::Bytes(bound) => format!("bytes<={bound}"),
            Type::List(element, bound) => format!("[{}]<={bound}", self.ty(element)),
        }
    }
}

impl Field {
    /// Whether it can do with the first `count` types.
    pub(crate) fn names_no_type_above(&self, count: usize) -> bool {
        self.ty.names_no_type_above(count)
    }

    fn has_written_default(&self) -> bool {
        !matches!(self.ty, Type::Named(_) | Type::Array(..))
    }
}

impl Type {
    fn names_no_type_above(&self, count: usize) -> bool {
        match self {
            Self::Named(id) => *id < count,
            Self::Array(element, _) | Self::List(element, _) => element.names_no_type_above(count),
            Self::Scalar(_) | Self::Str(_) | Self::Bytes(_) => true,
        }
    }
}

fn scalar(random: &mut Rng) -> &'static str {
    random.choice(SCALARS).unwrap_or("u8")
}
