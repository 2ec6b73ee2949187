//! The keys of a contract file: a table for each place where keys are written.
//!
//! The parser takes the known keys from these tables, and the JSON Schema of contracts is generated from them. Rules of fields are keys
//! as well; they come from [`RULES`](crate::rules::RULES).

mod table;

use crate::rules::{Argument, RULES, Spelling};

pub use table::{BIT, DECIMAL, FIELD, FILE, HEADER, MEMBER, MESSAGE, RESERVED, SHAPES, TYPE, VARIANT};
pub(crate) use table::{DEFAULT, DEPRECATED, UNIT};

/// A key at one place.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub meaning: &'static str,
    pub value: Value,
    /// What applies if it is absent, in words.
    pub default: Option<&'static str>,
    pub dialect: Dialect,
}

/// The dialect that a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Current,
    /// The older dialect, which is read as it is.
    Older,
}

/// The value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Any value: it is ignored.
    Anything,
    /// A value of the field's type.
    Literal,
    Text,
    Texts,
    Doc,
    Boolean,
    Whole,
    Id,
    IdRanges,
    Version,
    Type,
    /// A number that is the argument of a rule.
    Number,
    /// The integer that holds a value.
    Representation,
    /// The unsigned integer that holds bits.
    Bitset,
    /// A list of rules in the older spelling.
    Validation,
    /// Paragraphs: a list, or a map whose keys are dropped.
    Paragraphs,
    Header,
    Types,
    Messages,
    Reserved,
    Lints,
    TagRanges,
    Domains,
    Decimal,
    Variants,
    Bits,
    Struct,
    Oneof,
    Fields,
}

/// A kind of declared type: its key, and the keys that belong to it.
#[derive(Debug)]
pub struct Shape {
    pub key: &'static str,
    /// The key that it requires.
    pub needs: Option<&'static str>,
    /// A key that it allows.
    pub takes: Option<&'static str>,
}

impl Shape {
    /// The keys that no other kind has.
    pub fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.needs.into_iter().chain(self.takes)
    }
}

/// A place where keys are written.
#[derive(Debug)]
pub struct Place {
    keys: &'static [Key],
    /// Whether rules are keys here.
    has_rules: bool,
}

impl Place {
    /// The current keys, then those of the older dialect.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let is_older = |key: &Key| key.dialect == Dialect::Older;
        let rules = RULES.iter().filter(|rule| self.has_rules && rule.spelling == Spelling::Key).map(|rule| Key {
            name: rule.key,
            meaning: rule.meaning,
            value: match rule.argument {
                Argument::Number(_) => Value::Number,
                Argument::Length(_) => Value::Whole,
                Argument::Switch => Value::Boolean,
            },
            default: None,
            dialect: Dialect::Current,
        });
        let keys = self.keys.iter().copied();
        keys.clone().filter(move |key| !is_older(key)).chain(rules).chain(keys.filter(is_older))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.keys().any(|key| key.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::diagnostic::Findings;
    use crate::source::{FileId, Source};

    /// Each place, with a contract that has one key there.
    const PLACES: [(&str, &Place); 10] = [
        ("KEY", &FILE),
        ("schema: { KEY }", &HEADER),
        ("reserved: { KEY }", &RESERVED),
        ("types: { T: { KEY } }", &TYPE),
        ("types: { T: { decimal: { KEY } } }", &DECIMAL),
        ("types: { T: { enum: u8, variants: { A: { KEY } } } }", &VARIANT),
        ("types: { T: { flags: u8, bits: { A: { KEY } } } }", &BIT),
        ("types: { T: { struct: { a: { KEY } } } }", &MEMBER),
        ("messages: { M: { KEY } }", &MESSAGE),
        ("messages: { M: { fields: { a: { KEY } } } }", &FIELD),
    ];

    /// The text of the error that a key is unknown, if it is one.
    fn unknown(text: &str) -> Option<String> {
        let source = Source::new("test.yaml".to_owned(), text.to_owned());
        let mut findings = Findings::default();
        let root = crate::yaml::read(&source, FileId(0), &mut findings);
        crate::parse::parse(root.unwrap_or_else(|| panic!("{text}")), &mut findings);
        let findings = findings.into_sorted();
        findings.into_iter().find(|finding| finding.code == Code::UnknownKey).map(|finding| finding.message)
    }

    #[test]
    fn shapes_and_their_parts_are_keys_of_a_type() {
        for key in SHAPES.iter().flat_map(|shape| shape.parts().chain([shape.key])) {
            assert!(TYPE.has(key), "{key}");
        }
    }

    #[test]
    fn the_parser_knows_the_keys_of_each_place_and_no_others() {
        let everywhere = PLACES.iter().flat_map(|(_, place)| place.keys().map(|key| key.name));
        let everywhere: Vec<&str> = everywhere.chain(RULES.iter().map(|rule| rule.key)).chain(["zzz"]).collect();
        for (contract, place) in PLACES {
            for key in &everywhere {
                let found = unknown(&contract.replace("KEY", &format!("{key}: null")));
                // Keys that only fields of messages have get an error of their own.
                let is_known = place.has(key) || std::ptr::eq(place, &raw const MEMBER) && FIELD.has(key);
                assert_eq!(found.is_none(), is_known, "{key} in {contract}: {found:?}");
            }
        }
    }
}
