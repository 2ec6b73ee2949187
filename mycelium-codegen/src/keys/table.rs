//! The tables.

use super::{Dialect, Key, Place, Shape, Value};

/// A key without a default that is worth a word.
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

const DOC: Key = key("doc", Value::Doc, "For people: it becomes the docs of the generated code.");
const DESCRIPTION: Key = older("description", Value::Doc, "The same as `doc`.");
const TYPE_OF_FIELD: Key =
    key("type", Value::Type, "A type, such as u64, Price, str<=8, bytes<=32, [u8; 20] or [Level]<=10.");
pub(crate) const DEFAULT: Key =
    key("default", Value::Literal, "What it is where nothing is said, and in bodies of older programs.")
        .by_default("zero, empty, or the first variant of a closed enum");
pub(crate) const UNIT: Key = key("unit", Value::Text, "Of a number, such as USD or ms.");
pub(crate) const DEPRECATED: Key = key("deprecated", Value::Text, "Why it should not be used any more.");
const NO_EFFECT: [Key; 2] =
    [older("rkyv", Value::Anything, "No effect."), older("serialization", Value::Anything, "No effect.")];
const RUST_TYPE: Key = older("rust_type", Value::Anything, "No effect.");
const INVARIANTS: Key = older("invariants", Value::Paragraphs, "Kept for the docs.");

/// The top of a file.
pub static FILE: Place = Place {
    keys: &[
        key("schema", Value::Header, "The contract as a whole."),
        key("imports", Value::Texts, "Other contract files, by paths relative to this one."),
        key("types", Value::Types, "Named types, for fields and for each other."),
        key("messages", Value::Messages, "What is sent: a name, an id, and fields."),
        key("reserved", Value::Reserved, "Ids and names that must not be used again."),
        key("lints", Value::Lints, "What is worth a warning: `allow` silences a lint, `deny` makes it an error."),
        older("tag_ranges", Value::TagRanges, "The ids that messages may have; `core` is closed."),
        older("domains", Value::Domains, "Kept for the docs."),
        INVARIANTS,
    ],
    has_rules: false,
};

/// The section `schema`.
pub static HEADER: Place = Place {
    keys: &[
        key("name", Value::Text, "What peers compare.").by_default("the name of the file"),
        key("version", Value::Version, "Raised when messages grow.").by_default("1"),
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

/// A shape without parts.
const fn shape(key: &'static str) -> Shape {
    Shape { key, needs: None, takes: None }
}

/// The shapes of a declared type.
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
        key("newtype", Value::Type, "A distinct type around another one."),
        key("enum", Value::Representation, "One of several named values, held by this integer."),
        key("flags", Value::Bitset, "A set of named bits, held by this unsigned integer."),
        key("struct", Value::Struct, "Fields side by side."),
        key("oneof", Value::Oneof, "One of several shapes."),
        DOC,
        key("open", Value::Boolean, "Values without a name survive; else they are refused.").by_default("false"),
        key("variants", Value::Variants, "The names of an enum's values, and their numbers."),
        key("bits", Value::Bits, "The names of bits, and their places; 0 is the lowest."),
        DESCRIPTION,
        older("rust_type", Value::Anything, "The type that this is a newtype around."),
        older("validation", Value::Validation, "Here `max_length` counts, the bound of a `String` or `Vec`."),
        NO_EFFECT[0],
        NO_EFFECT[1],
    ],
    has_rules: false,
};

/// A decimal.
pub static DECIMAL: Place = Place {
    keys: &[
        key("repr", Value::Representation, "The integer that holds it, such as i64."),
        key("scale", Value::Whole, "Digits after the point, 0 to 18."),
    ],
    has_rules: false,
};

/// A variant of an enum.
pub static VARIANT: Place =
    Place { keys: &[key("value", Value::Whole, "The number that travels."), DOC, DESCRIPTION], has_rules: false };

/// A bit of a flags type.
pub static BIT: Place =
    Place { keys: &[key("bit", Value::Whole, "Its place; 0 is the lowest."), DOC, DESCRIPTION], has_rules: false };

/// A field of a struct or of a oneof's variant.
pub static MEMBER: Place = Place { keys: &[TYPE_OF_FIELD, DOC, UNIT, DESCRIPTION], has_rules: false };

/// A message.
pub static MESSAGE: Place = Place {
    keys: &[
        key("id", Value::Id, "The id on the wire, unique within the contract."),
        key("topic", Value::Text, "What subscribers and counters use.").by_default("the name in snake_case"),
        DOC,
        key("fields", Value::Fields, "Fields in the order of their bytes; new ones stand at the end, with `since`."),
        DEPRECATED,
        key("log_payload", Value::Boolean, "false: no log shows the fields.").by_default("true"),
        key("sensitivity", Value::Text, "Anything but none and public keeps the fields out of logs."),
        older("tlv_type", Value::Id, "The same as `id`."),
        older("domain", Value::Text, "The same as `topic`."),
        DESCRIPTION,
        older("schema_version", Value::Text, "Kept for the docs."),
        older("required_prior_messages", Value::Texts, "Kept for the docs; the messages exist."),
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
        key("optional", Value::Boolean, "It may be absent.").by_default("false"),
        DEFAULT,
        key("since", Value::Version, "The schema version that brought it.").by_default("1"),
        DEPRECATED,
        UNIT,
        key("log_payload", Value::Boolean, "false: no log shows it.").by_default("true"),
        key("sensitivity", Value::Text, "Anything but none and public keeps it out of logs."),
        DESCRIPTION,
        older("validation", Value::Validation, "Rules, as a list of maps with one key each."),
        RUST_TYPE,
        NO_EFFECT[0],
        NO_EFFECT[1],
    ],
    has_rules: true,
};
