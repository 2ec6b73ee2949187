//! The document: each place of a contract with its keys, and what goes with what.

use mycelium_codegen::internal::keys::{self, Dialect, Key, Place};
use mycelium_codegen::internal::rules::RULES;
use serde_json::{Map, Value, json};

use super::value;

pub(super) fn document() -> Value {
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mycelium contracts",
        "description": "Messages that programs send each other; `mycelium check` says more than a schema can.",
        "type": "object",
        "additionalProperties": false,
        "anyOf": [{ "required": ["messages"] }, { "required": ["imports"] }],
        "properties": properties(&keys::FILE),
    });
    let mut defs = value::definitions();
    defs.extend(object(json!({
        "header": map(&keys::HEADER, json!({ "type": ["object", "null"] })),
        "reserved": map(&keys::RESERVED, json!({ "type": ["object", "null"] })),
        "type_declaration": map(&keys::TYPE, shapes()),
        "decimal": map(&keys::DECIMAL, json!({ "type": "object", "required": ["repr", "scale"] })),
        "variant": map(&keys::VARIANT, json!({ "type": "object", "required": ["value"] })),
        "bit": map(&keys::BIT, json!({ "type": "object", "required": ["bit"] })),
        "member": map(&keys::MEMBER, json!({ "type": "object", "required": ["type"] })),
        "message": map(&keys::MESSAGE, json!({
            "description": "A message: an id that no other has, and its fields.",
            "type": "object",
            "required": ["fields"],
            "oneOf": [{ "required": ["id"] }, { "required": ["tlv_type"] }],
            "not": { "anyOf": [{ "required": ["topic", "domain"] }, { "required": ["doc", "description"] }] },
        })),
        "field": map(&keys::FIELD, json!({
            "type": "object",
            "required": ["type"],
            "not": { "required": ["doc", "description"] },
        })),
        "older_rules": { "properties": older_rules() },
    })));
    with(head, "$defs", Value::Object(defs))
}

/// A declared type has exactly one shape; the parts of a shape stand together.
fn shapes() -> Value {
    let shapes = ["decimal", "newtype", "enum", "flags", "struct", "oneof"];
    let required = |keys: &[&str]| json!({ "required": keys });
    let mut one: Vec<Value> = shapes
        .iter()
        .map(|shape| match *shape {
            "enum" => required(&["enum", "variants"]),
            "flags" => required(&["flags", "bits"]),
            shape => required(&[shape]),
        })
        .collect();
    let any: Vec<Value> = shapes.iter().map(|shape| required(&[shape])).collect();
    one.push(json!({ "required": ["rust_type"], "not": { "anyOf": any } }));
    json!({
        "description": "A named type: exactly one shape.",
        "type": "object",
        "oneOf": one,
        "not": { "required": ["doc", "description"] },
        "dependentRequired": {
            "open": ["enum"], "variants": ["enum"], "bits": ["flags"], "enum": ["variants"], "flags": ["bits"],
        },
    })
}

/// The keys of a place and no others, with what holds of all of them.
fn map(place: &Place, constraints: Value) -> Value {
    let closed = with(constraints, "additionalProperties", Value::Bool(false));
    with(closed, "properties", properties(place))
}

fn properties(place: &Place) -> Value {
    place.keys().map(|key| (key.name.to_owned(), property(&key))).collect::<Map<String, Value>>().into()
}

fn property(key: &Key) -> Value {
    let meaning = match key.dialect {
        Dialect::Current => key.meaning.to_owned(),
        Dialect::Older => format!("Older dialect: {}{}", key.meaning[..1].to_lowercase(), &key.meaning[1..]),
    };
    let default = key.default.map(|default| format!(" By default {default}.")).unwrap_or_default();
    let mut property = object(json!({ "description": meaning + &default }));
    property.extend(object(value::of(key.value)));
    property.into()
}

/// What a `validation` may ask. A rule that is not known there, or can't be read, is a lint: the schema only describes them.
fn older_rules() -> Value {
    let rules = RULES.iter().map(|rule| (rule.key.to_owned(), json!({ "description": rule.meaning })));
    rules.collect::<Map<String, Value>>().into()
}

fn with(mut value: Value, key: &str, part: Value) -> Value {
    value[key] = part;
    value
}

/// What is written as an object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
