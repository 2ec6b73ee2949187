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
    let guide = include_str!("../../docs/contracts.md");
    let schema: Value = serde_json::from_str(include_str!("../schema/contracts.schema.json")).unwrap();
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
    let schema: Value = serde_json::from_str(include_str!("../schema/contracts.schema.json")).unwrap();
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
