//! The facts that two programs must agree on, each with its place.
//!
//! A snapshot is read from a lock, where a place is a line, or taken from a contract, where a place is a declaration. So a comparison
//! of two snapshots knows both places of each difference, whatever the two come from.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::keys;
use crate::rules::{RULES, Rule};
use crate::source::{Span, Spanned};

/// One version of a contract.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// The schema's name, in quotes, like every text of a lock.
    pub(crate) name: Spanned<String>,
    pub(crate) version: Spanned<u16>,
    pub(crate) min_compatible: Spanned<u16>,
    pub(crate) reserved_ids: Vec<Spanned<RangeInclusive<u16>>>,
    pub(crate) reserved_names: Vec<Spanned<String>>,
    /// By name.
    pub(crate) messages: BTreeMap<String, MessageFacts>,
    /// By name.
    pub(crate) types: BTreeMap<String, TypeFacts>,
    /// The place of findings about something that was removed.
    pub(crate) place: Span,
}

impl Snapshot {
    /// The type expression inside newtypes. The loop is bounded, since newtypes may form a cycle in a lock that was edited by hand.
    pub(crate) fn underlying<'t>(&'t self, ty: &'t str) -> &'t str {
        let mut ty = ty;
        for _ in 0..self.types.len() {
            match self.types.get(ty).map(|facts| &facts.shape) {
                Some(Shape::Newtype { inner }) => ty = inner,
                _ => break,
            }
        }
        ty
    }
}

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct MessageFacts {
    pub(crate) place: Span,
    pub(crate) id: Spanned<u16>,
    pub(crate) topic: Spanned<String>,
    /// Oldest first, never empty.
    pub(crate) layouts: Vec<Spanned<Layout>>,
    /// In the order of their offsets.
    pub(crate) fields: Vec<FieldFacts>,
    /// Marked `deprecated`.
    pub(crate) deprecated: Option<Span>,
    /// Kept out of logs.
    pub(crate) redacted: Option<Span>,
}

/// One entry of a message's `LAYOUTS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) version: u16,
    pub(crate) size: u64,
    pub(crate) hash: u64,
}

/// One field of a message.
#[derive(Debug, Clone)]
pub(crate) struct FieldFacts {
    pub(crate) name: Spanned<String>,
    /// As contracts write it.
    pub(crate) ty: Spanned<String>,
    pub(crate) offset: u64,
    pub(crate) optional: bool,
    /// Placed at the name if it is not written.
    pub(crate) since: Spanned<u16>,
    /// The attributes, in the order of [`Attribute::all`].
    pub(crate) attributes: Vec<(Attribute, Spanned<String>)>,
}

impl FieldFacts {
    pub(crate) fn attribute(&self, wanted: Attribute) -> Option<&Spanned<String>> {
        self.attributes.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, value)| value)
    }

    /// Whether the version that brought the field is written in the contract.
    pub(crate) fn says_since(&self) -> bool {
        self.since.span != self.name.span
    }
}

/// The attributes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Default,
    Rule(&'static Rule),
    Unit,
    Deprecated,
    Redacted,
}

impl Attribute {
    /// In the order of a lock.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let rules = RULES.iter().map(Self::Rule);
        [Self::Default].into_iter().chain(rules).chain([Self::Unit, Self::Deprecated, Self::Redacted])
    }

    /// The name in a lock.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Default => keys::DEFAULT.name,
            Self::Rule(rule) => rule.key,
            Self::Unit => keys::UNIT.name,
            Self::Deprecated => keys::DEPRECATED.name,
            // Several keys set it.
            Self::Redacted => "redacted",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().find(|attribute| attribute.name() == name)
    }
}

/// One named type.
#[derive(Debug, Clone)]
pub(crate) struct TypeFacts {
    pub(crate) place: Span,
    /// Where the kind is written.
    pub(crate) shape_place: Span,
    pub(crate) shape: Shape,
    /// Of the structure, without names.
    pub(crate) hash: u64,
}

/// The kind of a named type.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Decimal {
        repr: String,
        scale: u32,
    },
    Newtype {
        inner: String,
    },
    Enum {
        repr: String,
        open: bool,
        /// By value.
        variants: Vec<Value>,
        /// The value of the variant that is declared first, unless it is the lowest: it fills absent and unused values.
        first: Option<i128>,
    },
    Flags {
        repr: String,
        bits: Vec<Value>,
    },
    Struct {
        members: Vec<MemberFacts>,
    },
    Oneof {
        variants: Vec<VariantFacts>,
    },
}

impl Shape {
    /// With an article, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Decimal { .. } => "a decimal",
            Self::Newtype { .. } => "a newtype",
            Self::Enum { .. } => "an enum",
            Self::Flags { .. } => "flags",
            Self::Struct { .. } => "a struct",
            Self::Oneof { .. } => "a oneof",
        }
    }

    /// The type expressions in it.
    pub(crate) fn types(&self) -> Vec<&str> {
        let members: Vec<&MemberFacts> = match self {
            Self::Decimal { .. } | Self::Enum { .. } | Self::Flags { .. } => Vec::new(),
            Self::Newtype { inner } => return vec![inner],
            Self::Struct { members } => members.iter().collect(),
            Self::Oneof { variants } => variants.iter().flat_map(|variant| &variant.members).collect(),
        };
        members.into_iter().map(|member| member.ty.value.as_str()).collect()
    }
}

/// A variant of an enum, or a bit of flags.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) name: Spanned<String>,
    pub(crate) value: i128,
}

/// A field of a struct or of a oneof's variant.
#[derive(Debug, Clone)]
pub(crate) struct MemberFacts {
    pub(crate) name: Spanned<String>,
    pub(crate) ty: Spanned<String>,
    pub(crate) offset: u64,
}

/// A variant of a oneof.
#[derive(Debug, Clone)]
pub(crate) struct VariantFacts {
    pub(crate) name: Spanned<String>,
    pub(crate) tag: i128,
    pub(crate) members: Vec<MemberFacts>,
}

/// Text in the form of a lock: in quotes, in ASCII, on one line.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}
