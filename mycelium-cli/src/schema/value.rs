//! The schemas of the values of keys.

use mycelium_codegen::internal::keys;
use mycelium_codegen::internal::model::{BUILTINS, Scalar};
use serde_json::{Map, Value, json};

/// The schema of the value of a key.
pub(super) fn of(value: keys::Value) -> Value {
    use keys::Value as V;
    match value {
        V::Anything => json!({}),
        // A struct or oneof has no written form.
        V::Literal => json!({ "type": ["string", "number", "boolean", "array"] }),
        V::Text | V::Doc => reference("text"),
        V::Texts => reference("texts"),
        V::Boolean => reference("boolean"),
        V::Whole => reference("whole"),
        V::Id => reference("id"),
        V::IdRanges => json!({ "type": ["array", "null"], "items": reference("id_range") }),
        V::Version => reference("version_number"),
        V::Type => reference("type"),
        V::Number => reference("number"),
        V::Representation => json!({ "enum": integers(|_| true) }),
        V::Bitset => json!({ "enum": integers(|name| name.starts_with('u')) }),
        V::Validation => reference("validation"),
        V::Paragraphs => json!({ "type": ["object", "array", "null"] }),
        V::Header => reference("header"),
        V::Types => named(json!(["object", "null"]), reference("type_declaration")),
        V::Messages => named(json!("object"), reference("message")),
        V::Reserved => reference("reserved"),
        V::Lints => json!({ "type": ["object", "null"], "additionalProperties": false, "properties": lints() }),
        V::TagRanges => json!({ "type": ["object", "null"], "additionalProperties": reference("id_range") }),
        V::Domains => json!({ "type": ["object", "null"] }),
        V::Decimal => reference("decimal"),
        V::Variants => at_least_one(named(json!("object"), either("whole", "variant"))),
        V::Bits => at_least_one(named(json!("object"), either("whole", "bit"))),
        V::Struct => json!({ "$ref": "#/$defs/members", "type": "object", "minProperties": 1 }),
        V::Oneof => at_least_one(named(json!("object"), reference("members"))),
        V::Fields => named(json!(["object", "null"]), either("type", "field")),
    }
}

/// Schemas that others refer to.
pub(super) fn definitions() -> Map<String, Value> {
    let whole_text = "^[+-]?(0[xX][0-9A-Fa-f_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*)$";
    let number_text = "^[+-]?[0-9.][0-9A-Za-z_.+-]*$";
    let id_text = "^\\s*\\+?[0-9][0-9A-Fa-fxXoObB_]*\\s*(-\\s*\\+?[0-9][0-9A-Fa-fxXoObB_]*\\s*)?$";
    let definitions = json!({
        "text": { "type": ["string", "number", "boolean"] },
        "texts": { "type": ["array", "null"], "items": reference("text") },
        "boolean": { "enum": [true, false, "true", "false"] },
        "name": {
            "description": "A name in Rust.",
            "type": "string",
            "pattern": "^([A-Za-z][A-Za-z0-9_]*|_[A-Za-z0-9_]+)$",
        },
        "whole": {
            "anyOf": [
                { "type": "integer" },
                { "type": "number", "multipleOf": 1 },
                { "type": "string", "pattern": whole_text },
            ],
        },
        "number": { "anyOf": [{ "type": "number" }, { "type": "string", "pattern": number_text }] },
        "id": small(0, "^-"),
        "version_number": small(1, "^-|^0+$"),
        "id_range": {
            "description": "One id, such as 1002, or a range, such as 1100-1199.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": 65535 },
                { "type": "string", "pattern": id_text },
            ],
        },
        "type": types(),
        "members": named(json!(["object", "null"]), either("type", "member")),
        "validation": {
            "$ref": "#/$defs/older_rules",
            "type": ["array", "object", "null"],
            "items": { "$ref": "#/$defs/older_rules", "type": ["object", "string", "number", "boolean"] },
        },
    });
    match definitions {
        Value::Object(definitions) => definitions,
        _ => Map::new(),
    }
}

/// A type expression.
fn types() -> Value {
    json!({
        "description": "A type, such as u64, Price, str<=8, bytes<=32, [u8; 20] or [Level]<=10.",
        "type": "string",
        "anyOf": [
            { "enum": BUILTINS.map(|(name, _)| name) },
            { "pattern": "^\\s*[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z0-9_]+)*\\s*$", "not": { "enum": ["str", "bytes"] } },
            { "pattern": "^\\s*([A-Za-z0-9_]+::)*(str|bytes)\\s*<=\\s*[0-9][0-9A-Za-z_]*\\s*$" },
            { "pattern": "^\\s*\\[.+;\\s*[0-9][0-9A-Za-z_]*\\s*\\]\\s*$" },
            { "pattern": "^\\s*\\[.+\\]\\s*<=\\s*[0-9][0-9A-Za-z_]*\\s*$" },
            { "pattern": "^\\s*([A-Za-z0-9_]+::)*(Vec|Option)\\s*<.+>\\s*$" },
        ],
    })
}

/// The names of the integers that `is_wanted` selects.
fn integers(is_wanted: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let integers = BUILTINS.iter().filter(|(name, scalar)| matches!(scalar, Scalar::Int(_)) && is_wanted(name));
    integers.map(|(name, _)| *name).collect()
}

/// A whole number from `least` to 65,535; `outside` is the pattern of texts that are too small.
fn small(least: u16, outside: &str) -> Value {
    json!({
        "allOf": [reference("whole")],
        "if": { "type": "number" },
        "then": { "minimum": least, "maximum": u16::MAX },
        "else": { "not": { "pattern": outside } },
    })
}

/// The levels of each lint.
fn lints() -> Map<String, Value> {
    let level = json!({ "enum": ["allow", "warn", "deny"] });
    keys::lint_names().map(|name| (name.to_owned(), level.clone())).collect()
}

/// A map from names to values of one schema.
fn named(kind: Value, thing: Value) -> Value {
    json!({ "type": kind, "propertyNames": reference("name"), "additionalProperties": thing })
}

fn at_least_one(mut map: Value) -> Value {
    map["minProperties"] = 1.into();
    map
}

fn either(short: &str, long: &str) -> Value {
    json!({ "anyOf": [reference(short), reference(long)] })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}
