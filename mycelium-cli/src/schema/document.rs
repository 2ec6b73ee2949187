//! The document: the keys of each place of a contract, and their constraints.

use mycelium_codegen::internal::keys::{self, Dialect, Key, Place, SHAPES};
use mycelium_codegen::internal::rules::RULES;
use serde_json::{Map, Value, json};

use super::value;

pub(super) fn document() -> Value {
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mycelium contracts",
        "description": "The messages that programs send to each other. `mycelium check` also checks what a JSON Schema can't.",
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
            "description": "A message: an id that no other message has, and its fields.",
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

/// The constraints of a declared type: exactly one kind, with the keys that belong to it.
fn shapes() -> Value {
    let required = |keys: &[&str]| json!({ "required": keys });
    let mut one: Vec<Value> = Vec::new();
    let mut beside = Map::new();
    for shape in &SHAPES {
        one.push(required(&[shape.key].into_iter().chain(shape.needs).collect::<Vec<_>>()));
        beside.extend(shape.needs.map(|part| (shape.key.to_owned(), json!([part]))));
        beside.extend(shape.parts().map(|part| (part.to_owned(), json!([shape.key]))));
    }
    let any: Vec<Value> = SHAPES.iter().map(|shape| required(&[shape.key])).collect();
    // Beside another kind it has no effect, whatever its value is.
    let rust_type = json!({ "rust_type": value::of(keys::Value::Type) });
    one.push(json!({ "required": ["rust_type"], "properties": rust_type, "not": { "anyOf": any } }));
    json!({
        "description": "A named type of exactly one kind.",
        "type": "object",
        "oneOf": one,
        "not": { "required": ["doc", "description"] },
        "dependentRequired": beside,
    })
}

/// An object with the keys of a place and no others, and further constraints.
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
        Dialect::Older => format!("Older dialect: {}", uncapitalized(key.meaning)),
    };
    let default = key.default.map(|default| format!(" By default {default}.")).unwrap_or_default();
    let mut property = object(json!({ "description": meaning + &default }));
    property.extend(object(value::of(key.value)));
    property.into()
}

/// The text with its first letter in lower case.
fn uncapitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

/// The rules of a `validation`. The schema only describes them, since an unknown or unreadable one is a lint.
fn older_rules() -> Value {
    let rules = RULES.iter().map(|rule| (rule.key.to_owned(), json!({ "description": rule.meaning })));
    rules.collect::<Map<String, Value>>().into()
}

fn with(mut value: Value, key: &str, part: Value) -> Value {
    value[key] = part;
    value
}

/// The map of a JSON object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meaning_of_the_older_dialect_goes_on_in_lower_case_whatever_it_begins_with() {
        for (text, expected) in [("", ""), ("No effect.", "no effect."), ("Ärger.", "ärger."), ("`id`", "`id`")] {
            assert_eq!(uncapitalized(text), expected);
        }
    }
}
