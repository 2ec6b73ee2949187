//! The JSON Schema that editors use: it takes every contract that the checker takes, and refuses what has the wrong shape.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::Value;

/// Codes of mistakes in the structure of a file, which a schema can know.
const STRUCTURAL: [&str; 4] = ["MYC0004", "MYC0005", "MYC0008", "MYC0028"];

/// Mistakes with these codes that depend on more than the structure, each with the reason.
const BEYOND: [(&str, &str); 2] = [
    ("merge-key", "readers of YAML merge it away before a schema sees it"),
    ("optional-is-not-a-boolean", "many readers of YAML take `yes` for `true`"),
];

fn printed() -> Vec<u8> {
    Command::new(env!("CARGO_BIN_EXE_mycelium")).arg("schema").output().unwrap().stdout
}

fn validator() -> Validator {
    let schema = serde_json::from_slice(&printed()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{error}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

/// A YAML file as a JSON document, as an editor sees it; `None` for what is no YAML.
fn document(path: &Path) -> Option<Value> {
    serde_yaml::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    files
}

/// The copy in the repository, which editors of its contracts and tests of its docs read, is what the command prints.
#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/contracts.schema.json");
    let help = "cargo run -p mycelium-cli --bin mycelium -- schema > mycelium-cli/schema/contracts.schema.json";
    assert!(fs::read(path).unwrap() == printed(), "the schema is another one; write it again:\n{help}");
}

#[test]
fn every_good_contract_of_the_repository_is_valid() {
    let validator = validator();
    let folders = [
        "../mycelium-codegen/tests/fixtures",
        "../contracts",
        "../ui-tests/contracts",
        "../ui-tests/fixtures/contracts",
    ];
    let files: Vec<PathBuf> = folders.into_iter().flat_map(yaml_files).collect();
    assert!(files.len() >= 12, "{files:?}");
    for path in files {
        let document = document(&path).unwrap_or_else(|| panic!("{} is YAML", path.display()));
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn the_examples_of_the_guides_are_valid() {
    let validator = validator();
    for page in ["../docs/contracts.md", "../docs/older-dialect.md", "../README.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        let examples: Vec<&str> =
            text.split("```yaml\n").skip(1).filter_map(|block| Some(block.split_once("```")?.0)).collect();
        assert!(!examples.is_empty(), "{page}");
        for example in examples {
            let document: Value = serde_yaml::from_str(example).unwrap();
            assert!(validator.is_valid(&document), "{page}: {example}");
        }
    }
}

/// The guide to contracts is their reference: it has every key that the schema knows.
#[test]
fn the_guide_to_contracts_names_every_key() {
    let guide = include_str!("../../../docs/contracts.md");
    let schema: Value = serde_json::from_str(include_str!("../../schema/contracts.schema.json")).unwrap();
    let mut keys = Vec::new();
    collect_keys(&schema, &mut keys);
    assert!(keys.len() >= 40, "{keys:?}");
    let missing: Vec<&String> = keys.iter().filter(|key| !is_named(guide, key)).collect();
    assert!(missing.is_empty(), "docs/contracts.md lacks {missing:?}");
}

/// The names of all properties.
fn collect_keys(schema: &Value, keys: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| collect_keys(value, keys));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
    }
}

/// As code, or as a key of an example in it.
fn is_named(guide: &str, key: &str) -> bool {
    let code = guide.split('`').skip(1).step_by(2);
    let mut words = code.flat_map(|code| code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
    words.any(|word| word == key)
}

#[test]
fn every_contract_with_a_wrong_structure_is_refused() {
    let validator = validator();
    let (mut refused, mut wrong) = (0, Vec::new());
    for path in yaml_files("../mycelium-codegen/tests/bad") {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap();
        let first_line = fs::read_to_string(&path).unwrap().lines().next().unwrap_or_default().to_owned();
        let is_structural = STRUCTURAL.iter().any(|code| first_line.contains(code));
        let Some(document) = document(&path).filter(|_| is_structural) else { continue };
        let is_beyond = BEYOND.iter().any(|(beyond, _)| *beyond == name);
        if validator.is_valid(&document) != is_beyond {
            wrong.push(format!("{name}: {first_line}"));
        }
        refused += usize::from(!is_beyond);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused >= 30, "only {refused} contracts have a wrong structure");
}

#[test]
fn every_key_of_the_schema_says_what_it_is_for() {
    let schema: Value = serde_json::from_str(include_str!("../../schema/contracts.schema.json")).unwrap();
    for part in ["message", "field", "type_declaration", "header"] {
        let keys = schema["$defs"][part]["properties"].as_object().unwrap();
        for (key, value) in keys {
            let behind = value["$ref"].as_str().and_then(|path| schema.pointer(path.trim_start_matches('#')));
            let is_described =
                value.get("description").is_some() || behind.is_some_and(|it| it.get("description").is_some());
            assert!(is_described, "{part}.{key}");
        }
    }
}

/// A contract with one field, which is written so.
fn field(field: &str) -> String {
    format!("schema: {{ version: 2 }}\nmessages: {{ M: {{ id: 1, fields: {{ a: {field} }} }} }}")
}

/// A contract with one declared type, which is written so.
fn declared(declared: &str) -> String {
    format!("types: {{ T: {{ {declared} }} }}\nmessages: {{ M: {{ id: 1, fields: {{ a: T }} }} }}")
}

/// A contract with these keys at its top.
fn file(keys: &str) -> String {
    format!("messages: {{ M: {{ id: 1, fields: {{ a: u8 }} }} }}\n{keys}")
}

/// A contract with one message, which is written so.
fn message(message: &str) -> String {
    format!("messages: {{ M: {{ {message} }} }}")
}

/// One contract for each of these.
fn contracts(fields: &[&str], types: &[&str], files: &[&str], messages: &[&str]) -> Vec<String> {
    let of = |parts: &[&str], whole: fn(&str) -> String| parts.iter().map(|part| whole(part)).collect::<Vec<_>>();
    [of(fields, field), of(types, declared), of(files, file), of(messages, message)].concat()
}

/// Says of each contract what the checker and the schema make of it, where one of them is not of the expected opinion.
fn disagreements(test: &str, contracts: &[String], is_good: bool) -> Vec<String> {
    let validator = validator();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("editor-schema-{test}.yaml"));
    let mut found = Vec::new();
    for contract in contracts {
        fs::write(&path, contract).unwrap();
        let checked = mycelium_codegen::check(&path);
        let document: Value = serde_yaml::from_str(contract).unwrap_or_else(|error| panic!("{contract}: {error}"));
        if checked.is_ok() != is_good || validator.is_valid(&document) != is_good {
            let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            found.push(format!("{contract}\nthe checker: {checked:?}\nthe schema: {errors:?}\n"));
        }
    }
    found
}

#[test]
fn unusual_contracts_that_the_checker_takes_are_valid() {
    let fields = [
        "'str <= 8'",
        "' bytes<= 0x10 '",
        "'[u8] <= 4'",
        "'[ u8 ; 3 ]'",
        "'[[i16; 3]; 2]'",
        "'[str<=2]<=4'",
        "'Vec <u8>'",
        "'Vec<[u8; 2]>'",
        "'alloc::vec::Vec<u8>'",
        "'Option<u8>'",
        "'primitive_types::U256'",
        "'text::str<=8'",
        "String",
        "' u8 '",
        "{ type: u8, min: 1 }",
        "{ type: u8, min: '+1' }",
        "{ type: u8, max: '0x1F' }",
        "{ type: u64, max: 1_000 }",
        "{ type: i8, min: -5 }",
        "{ type: f64, min: .5 }",
        "{ type: f64, min: '-.5', max: '1e3' }",
        "{ type: f32, max: 1e-3 }",
        "{ type: u256, max: 99999999999999999999999 }",
        "{ type: duration_ns, min: 0 }",
        "{ type: bool, default: 'true' }",
        "{ type: 'str<=4', default: 12 }",
        "{ type: 'str<=4', default: '' }",
        "{ type: 'bytes<=4', default: '' }",
        "{ type: 'bytes<=4', default: [1, 2] }",
        "{ type: '[u8; 2]', default: [1, 2] }",
        "{ type: '[u8]<=2', default: [] }",
        "{ type: u8, optional: 'true' }",
        "{ type: u8, since: '0x2', default: 1 }",
        "{ type: u8, not_zero: false }",
        "{ type: u8, deprecated: true }",
        "{ type: u8, doc: 5, unit: 1.5 }",
        "{ type: u8, rust_type: null, rkyv: [1], serialization: null }",
        "{ type: u8, sensitivity: none, log_payload: 'false' }",
        "{ type: u8, validation: [1] }",
        "{ type: u8, validation: [1.5, true, not_zero] }",
        "{ type: u8, validation: [min: 1, max: 2] }",
        "{ type: u8, validation: { min: 1 } }",
        "{ type: u8, validation: [{ min: true }] }",
        "{ type: u8, validation: null }",
        "{ type: u8, validation: [] }",
    ];
    let types = [
        "newtype: u8, rust_type: null",
        "newtype: u8, rust_type: [1]",
        "newtype: 'str <= 4'",
        "rust_type: 'Vec<u8>', validation: [max_length: 4]",
        "rust_type: primitive_types::U256, rkyv: true",
        "decimal: { repr: i64, scale: '0x2' }",
        "enum: i8, variants: { A: -1, B: { value: '0x1', doc: x, description: y } }",
        "enum: u64, open: 'true', variants: { A: 0 }",
        "flags: u16, bits: { A: 0, B: { bit: 15 } }",
        "struct: { a: u8, b: { type: u8, unit: m } }",
        "oneof: { A: null, B: {}, C: { a: u8 } }",
    ];
    let files = [
        "schema: null",
        "schema: { id: '0x4D', digest_algo: null, doc: x }",
        "schema: { version: '2', min_compatible: 0x1 }",
        "imports: null",
        "types: null",
        "lints: null",
        "lints: { padding: 'deny' }",
        "reserved: null",
        "reserved: { ids: null, names: null }",
        "reserved: { ids: ['+2'] }",
        "reserved: { ids: ['2 - 3', 0x10, ' +4-+5 ', '6-0x1F'], names: [5] }",
        "tag_ranges: null",
        "tag_ranges: { app: '0-10' }",
        "domains: { a: null, b: x, c: { type_range: 1-2 } }",
        "invariants: null",
        "invariants: { a: x, b: [1] }",
    ];
    let messages = [
        "id: '+5', fields: null",
        "id: '0b101', fields: {}",
        "id: 1_000, fields: {}",
        "tlv_type: 1, domain: x, fields: {}, rust_type: null",
        "id: 1, topic: 5, deprecated: 'false', sensitivity: public, fields: {}",
        "id: 1, required_prior_messages: null, schema_version: 1.0, fields: {}",
    ];
    let found = disagreements("good", &contracts(&fields, &types, &files, &messages), true);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn contracts_that_the_checker_refuses_for_their_form_are_not_valid() {
    let fields = [
        "null",
        "''",
        "str",
        "bytes",
        "'u8<=4'",
        "'[u8]'",
        "'[u8;]'",
        "'str<='",
        "'str <= -1'",
        "'Map<u8>'",
        "'u8?'",
        "{ doc: x }",
        "{ type: null }",
        "{ type: u8, min: true }",
        "{ type: u8, min: null }",
        "{ type: u8, min: [] }",
        "{ type: u8, max: {} }",
        "{ type: u8, max: '' }",
        "{ type: u8, max: many }",
        "{ type: u8, default: null }",
        "{ type: 'str<=4', default: null }",
        "{ type: '[u8]<=4', default: null }",
        "{ type: u8, default: { a: 1 } }",
        "{ type: u8, optional: null }",
        "{ type: u8, optional: 1 }",
        "{ type: u8, not_zero: 1 }",
        "{ type: u8, since: 0 }",
        "{ type: u8, since: x, default: 1 }",
        "{ type: u8, doc: null }",
        "{ type: u8, doc: [x] }",
        "{ type: u8, doc: x, description: y }",
        "{ type: u8, deprecated: null }",
        "{ type: u8, validation: 5 }",
        "{ type: u8, validation: [null] }",
        "{ type: u8, validation: [[min]] }",
        "{ type: u8, minimum: 5 }",
    ];
    let types = [
        "doc: x",
        "rust_type: null",
        "rust_type: [1]",
        "newtype: null",
        "newtype: u8, enum: u8, variants: { A: 0 }",
        "newtype: u8, open: true",
        "newtype: u8, variants: { A: 0 }",
        "newtype: u8, bits: { A: 0 }",
        "struct: null",
        "struct: {}",
        "struct: { a: { doc: x } }",
        "struct: { a: { type: u8, min: 1 } }",
        "oneof: null",
        "oneof: {}",
        "oneof: { A: 5 }",
        "enum: u8, variants: null",
        "enum: u8, variants: {}",
        "enum: u8, variants: [A]",
        "enum: u8, variants: { A: {} }",
        "enum: u8, variants: { A: null }",
        "enum: u8",
        "enum: null, variants: { A: 0 }",
        "enum: u128, variants: { A: 0 }",
        "enum: U8, variants: { A: 0 }",
        "enum: ' u8', variants: { A: 0 }",
        "flags: i8, bits: { A: 0 }",
        "flags: u128, bits: { A: 0 }",
        "flags: u8, bits: null",
        "flags: u8, variants: { A: 0 }",
        "decimal: { repr: f64, scale: 2 }",
        "decimal: { repr: i128, scale: 2 }",
        "decimal: { repr: i64 }",
        "decimal: { repr: i64, scale: x }",
        "decimal: null",
    ];
    let files = [
        "schema: []",
        "schema: { version: 0 }",
        "schema: { version: '-1' }",
        "lints: { padding: off }",
        "lints: { padding: null }",
        "lints: { pading: allow }",
        "reserved: { ids: 5 }",
        "reserved: { ids: [x] }",
        "reserved: { ids: [null] }",
        "reserved: { ids: [70000] }",
        "reserved: { ids: [-1] }",
        "reserved: { ids: ['1-2-3'] }",
        "reserved: { id: [1] }",
        "tag_ranges: { app: x }",
        "tag_ranges: []",
        "domains: []",
        "invariants: x",
        "types: []",
        "types: { T: u8 }",
        "types: { 1T: { newtype: u8 } }",
        "message: {}",
    ];
    let messages = [
        "fields: {}",
        "id: 1",
        "id: null, fields: {}",
        "id: -1, fields: {}",
        "id: '-5', fields: {}",
        "id: 70000, fields: {}",
        "id: x, fields: {}",
        "id: 1.5, fields: {}",
        "id: 1, fields: []",
        "id: 1, tlv_type: 1, fields: {}",
        "id: 1, topic: a, domain: b, fields: {}",
        "id: 1, fields: { 1a: u8 }",
        "id: 1, fields: { _: u8 }",
        "id: 1, required_prior_messages: x, fields: {}",
    ];
    let found = disagreements("bad", &contracts(&fields, &types, &files, &messages), false);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
