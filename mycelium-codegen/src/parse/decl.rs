//! The declarations of a file, as written: names are unresolved, and a value stays a node where its type decides how to read it.

use std::ops::RangeInclusive;

use crate::code::Code;
use crate::number::Integer;
use crate::rules::{Argument, Rule};
use crate::source::{FileId, Span, Spanned};
use crate::yaml::{Node, Value};

/// One file.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Its first key; `None` for a file that could not be read.
    pub(crate) start: Option<Span>,
    pub(crate) schema: Option<SchemaDecl>,
    pub(crate) imports: Vec<Spanned<String>>,
    pub(crate) types: Vec<TypeDecl>,
    pub(crate) messages: Vec<MessageDecl>,
    /// The key `messages`, if there is one.
    pub(crate) messages_key: Option<Span>,
    pub(crate) reserved_ids: Vec<Spanned<RangeInclusive<u16>>>,
    pub(crate) reserved_names: Vec<Spanned<String>>,
    pub(crate) tag_ranges: Vec<TagRange>,
    pub(crate) domains: Vec<Domain>,
    /// Paragraphs.
    pub(crate) invariants: Vec<String>,
    /// The levels of lints, each with the file that sets it.
    pub(crate) levels: Vec<(FileId, Code, Level)>,
}

/// The level of a lint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// It is dropped.
    Allow,
    /// It is a warning.
    Warn,
    /// It is an error.
    Deny,
}

/// The section `schema:`.
#[derive(Debug)]
pub(crate) struct SchemaDecl {
    pub(crate) name: Option<Spanned<String>>,
    pub(crate) version: Option<Spanned<u16>>,
    pub(crate) min_compatible: Option<Spanned<u16>>,
    /// It has an error, so a missing key may be one that was misspelt.
    pub(crate) broken: bool,
}

/// One entry of the older dialect's `tag_ranges:`.
#[derive(Debug)]
pub(crate) struct TagRange {
    pub(crate) name: Spanned<String>,
    pub(crate) ids: Spanned<RangeInclusive<u16>>,
}

/// One entry of the older dialect's `domains:`.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) name: String,
    /// A paragraph with everything that the file says about it.
    pub(crate) doc: String,
    /// Its `type_range`, if that is a range of ids.
    pub(crate) ids: Option<RangeInclusive<u16>>,
}

/// One entry of `types:`.
#[derive(Debug)]
pub(crate) struct TypeDecl {
    pub(crate) name: Spanned<String>,
    pub(crate) doc: Option<String>,
    /// `None` if it could not be read.
    pub(crate) body: Option<TypeBody>,
}

/// The kind of a declared type.
#[derive(Debug)]
pub(crate) enum TypeBody {
    Decimal {
        repr: Spanned<String>,
        scale: Spanned<Integer>,
    },
    Newtype(TypeExpr),
    /// The older dialect's `rust_type`, with the bound that its validations set.
    RustType {
        expr: TypeExpr,
        limits: Vec<RuleDecl>,
    },
    Enum {
        repr: Spanned<String>,
        open: bool,
        variants: Vec<ValueDecl>,
    },
    Flags {
        repr: Spanned<String>,
        bits: Vec<ValueDecl>,
    },
    Struct(Vec<MemberDecl>),
    Oneof(Vec<OneofDecl>),
}

/// A variant of an enum or a bit of a flags type.
#[derive(Debug)]
pub(crate) struct ValueDecl {
    pub(crate) name: Spanned<String>,
    pub(crate) value: Option<Spanned<Integer>>,
    pub(crate) doc: Option<String>,
}

/// A field of a struct type or of a variant.
#[derive(Debug)]
pub(crate) struct MemberDecl {
    pub(crate) name: Spanned<String>,
    pub(crate) ty: Option<TypeExpr>,
    pub(crate) doc: Option<String>,
    pub(crate) unit: Option<String>,
}

/// A variant of a oneof.
#[derive(Debug)]
pub(crate) struct OneofDecl {
    pub(crate) name: Spanned<String>,
    pub(crate) members: Vec<MemberDecl>,
}

/// One entry of `messages:`.
#[derive(Debug)]
pub(crate) struct MessageDecl {
    pub(crate) name: Spanned<String>,
    pub(crate) id: Option<Spanned<u16>>,
    pub(crate) topic: Option<String>,
    /// The older dialect's `domain`, which is the topic as well.
    pub(crate) domain: Option<Spanned<String>>,
    pub(crate) doc: Option<String>,
    /// More paragraphs for the docs, from keys of the older dialect.
    pub(crate) remarks: Vec<String>,
    pub(crate) prior: Vec<Spanned<String>>,
    pub(crate) fields: Vec<FieldDecl>,
    pub(crate) redacted: bool,
    pub(crate) deprecated: Option<String>,
}

/// One field of a message.
#[derive(Debug)]
pub(crate) struct FieldDecl {
    pub(crate) name: Spanned<String>,
    pub(crate) ty: Option<TypeExpr>,
    pub(crate) doc: Option<String>,
    /// Where `optional` is set.
    pub(crate) optional: Option<Span>,
    /// The key `default` and its value.
    pub(crate) default: Option<(Span, Node)>,
    pub(crate) since: Option<Spanned<Integer>>,
    pub(crate) deprecated: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) rules: Vec<RuleDecl>,
    pub(crate) redacted: bool,
}

/// A rule as written.
#[derive(Debug)]
pub(crate) struct RuleDecl {
    pub(crate) rule: &'static Rule,
    pub(crate) key: Spanned<String>,
    pub(crate) value: Node,
    /// It comes from a `validation` list: if it can't be applied, that is a lint and not an error.
    pub(crate) older: bool,
}

impl RuleDecl {
    /// Whether it is switched off, such as `not_zero: false`.
    pub(crate) fn is_off(&self) -> bool {
        let is_false = matches!(&self.value.value, Value::Scalar(scalar) if scalar.text == "false");
        self.rule.argument == Argument::Switch && is_false
    }
}

/// A type as written.
#[derive(Debug, Clone)]
pub(crate) struct TypeExpr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// A length or bound; `u64::MAX` if it is larger than that.
pub(crate) type Bound = Spanned<u64>;

/// The forms of type expressions.
#[derive(Debug, Clone)]
pub(crate) enum ExprKind {
    Name(String),
    Array(Box<TypeExpr>, Bound),
    Str(Bound),
    Bytes(Bound),
    List(Box<TypeExpr>, Bound),
    /// `Vec<T>` of the older dialect: bounded by a validation or by assumption.
    Vec(Box<TypeExpr>),
    /// `Option<T>` of the older dialect.
    Option(Box<TypeExpr>),
}
