//! The tables of keys.

use super::{Dialect, Key, Place, Shape, Value};

/// A key whose default needs no mention.
const fn key(name: &'static str, value: Value, meaning: &'static str) -> Key {
    Key { name, meaning, value, default: None, dialect: Dialect::Current }
}

const fn older(name: &'static str, value: Value, meaning: &'static str) -> Key {
    Key { dialect: Dialect::Older, ..key(name, value, meaning) }
}

impl Key {
    const fn by_default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }
}

const DOC: Key = key("doc", Value::Doc, "Documentation, which becomes the docs of the generated code.");
const DESCRIPTION: Key = older("description", Value::Doc, "The same as `doc`.");
const TYPE_OF_FIELD: Key =
    key("type", Value::Type, "A type, such as u64, Price, str<=8, bytes<=32, [u8; 20] or [Level]<=10.");
pub(crate) const DEFAULT: Key =
    key("default", Value::Literal, "The value of a field that is not set, or that the body of an older program lacks.")
        .by_default("zero, empty, or the first variant of a closed enum");
pub(crate) const UNIT: Key = key("unit", Value::Text, "The unit of a number, such as USD or ms.");
pub(crate) const DEPRECATED: Key =
    key("deprecated", Value::Text, "Why it should no longer be used, and what to use instead.");
const NO_EFFECT: [Key; 2] =
    [older("rkyv", Value::Anything, "No effect."), older("serialization", Value::Anything, "No effect.")];
const RUST_TYPE: Key = older("rust_type", Value::Anything, "No effect.");
const INVARIANTS: Key = older("invariants", Value::Paragraphs, "Goes into the docs.");

/// The top of a file.
pub static FILE: Place = Place {
    keys: &[
        key("schema", Value::Header, "The contract as a whole."),
        key("imports", Value::Texts, "Other contract files, by paths relative to this one."),
        key("types", Value::Types, "Named types, for fields and other types."),
        key("messages", Value::Messages, "The messages: each has a name, an id and fields."),
        key("reserved", Value::Reserved, "Ids and names that must not be used again."),
        key("lints", Value::Lints, "The levels of lints: `allow` silences a lint, `deny` makes it an error."),
        older("tag_ranges", Value::TagRanges, "The ids that messages may have; `core` is closed."),
        older("domains", Value::Domains, "Goes into the docs."),
        INVARIANTS,
    ],
    has_rules: false,
};

/// The section `schema`.
pub static HEADER: Place = Place {
    keys: &[
        key("name", Value::Text, "The name of the contract, which peers compare.").by_default("the name of the file"),
        key("version", Value::Version, "The version of the contract, raised when a message gets a new field.")
            .by_default("1"),
        key("min_compatible", Value::Version, "The oldest version whose programs may still talk to this one.")
            .by_default("1"),
        older("id", Value::Whole, "No effect."),
        older("digest_algo", Value::Anything, "No effect."),
        older("doc", Value::Doc, "No effect."),
        older("description", Value::Doc, "No effect."),
    ],
    has_rules: false,
};

/// The section `reserved`.
pub static RESERVED: Place = Place {
    keys: &[
        key("ids", Value::IdRanges, "Ids, such as 1002, and ranges of them, such as 1100-1199."),
        key("names", Value::Texts, "Names of messages."),
    ],
    has_rules: false,
};

/// A kind without further keys.
const fn shape(key: &'static str) -> Shape {
    Shape { key, needs: None, takes: None }
}

/// The kinds of declared types.
pub static SHAPES: [Shape; 6] = [
    shape("decimal"),
    shape("newtype"),
    Shape { needs: Some("variants"), takes: Some("open"), ..shape("enum") },
    Shape { needs: Some("bits"), ..shape("flags") },
    shape("struct"),
    shape("oneof"),
];

/// A declared type.
pub static TYPE: Place = Place {
    keys: &[
        key("decimal", Value::Decimal, "A fixed-point number: exact, without floats."),
        key("newtype", Value::Type, "A distinct type that wraps another one."),
        key("enum", Value::Representation, "One of several named values, stored as this integer."),
        key("flags", Value::Bitset, "A set of named bits, stored as this unsigned integer."),
        key("struct", Value::Struct, "Several fields."),
        key("oneof", Value::Oneof, "One of several variants, each with fields of its own."),
        DOC,
        key("open", Value::Boolean, "true: values without a name are kept; false: they are refused.")
            .by_default("false"),
        key("variants", Value::Variants, "The names and numbers of an enum's values."),
        key("bits", Value::Bits, "The names and positions of bits; 0 is the lowest."),
        DESCRIPTION,
        older("rust_type", Value::Anything, "The type that this newtype wraps."),
        older("validation", Value::Validation, "`max_length` sets the bound of a `String` or `Vec`."),
        NO_EFFECT[0],
        NO_EFFECT[1],
    ],
    has_rules: false,
};

/// A decimal.
pub static DECIMAL: Place = Place {
    keys: &[
        key("repr", Value::Representation, "The integer that stores it, such as i64."),
        key("scale", Value::Whole, "Digits after the point, 0 to 18."),
    ],
    has_rules: false,
};

/// A variant of an enum.
pub static VARIANT: Place =
    Place { keys: &[key("value", Value::Whole, "The number that is sent."), DOC, DESCRIPTION], has_rules: false };

/// A bit of a flags type.
pub static BIT: Place =
    Place { keys: &[key("bit", Value::Whole, "Its position; 0 is the lowest."), DOC, DESCRIPTION], has_rules: false };

/// A field of a struct or of a oneof's variant.
pub static MEMBER: Place = Place { keys: &[TYPE_OF_FIELD, DOC, UNIT, DESCRIPTION], has_rules: false };

/// A message.
pub static MESSAGE: Place = Place {
    keys: &[
        key("id", Value::Id, "The id on the wire, unique within the contract."),
        key("topic", Value::Text, "The topic for subscribers and counters.").by_default("the name in snake_case"),
        DOC,
        key("fields", Value::Fields, "Fields in the order of their bytes; new ones go at the end, with `since`."),
        DEPRECATED,
        key("log_payload", Value::Boolean, "false: logs don't show the fields.").by_default("true"),
        key("sensitivity", Value::Text, "Any text but none and public keeps the fields out of logs."),
        older("tlv_type", Value::Id, "The same as `id`."),
        older("domain", Value::Text, "The same as `topic`."),
        DESCRIPTION,
        older("schema_version", Value::Text, "Goes into the docs."),
        older("required_prior_messages", Value::Texts, "Goes into the docs; the messages must exist."),
        INVARIANTS,
        RUST_TYPE,
        NO_EFFECT[0],
        NO_EFFECT[1],
    ],
    has_rules: false,
};

/// A field of a message.
pub static FIELD: Place = Place {
    keys: &[
        TYPE_OF_FIELD,
        DOC,
        key("optional", Value::Boolean, "true: the field may be absent.").by_default("false"),
        DEFAULT,
        key("since", Value::Version, "The schema version that added it.").by_default("1"),
        DEPRECATED,
        UNIT,
        key("log_payload", Value::Boolean, "false: logs don't show it.").by_default("true"),
        key("sensitivity", Value::Text, "Any text but none and public keeps it out of logs."),
        DESCRIPTION,
        older("validation", Value::Validation, "Rules, as a list of maps with one key each."),
        RUST_TYPE,
        NO_EFFECT[0],
        NO_EFFECT[1],
    ],
    has_rules: true,
};
