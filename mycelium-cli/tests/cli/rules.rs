//! Each rule of the compiler's table is honoured by the command, which reads it for pages and for its codec: a new row is covered
//! by its example. What the compiler makes of each rule is tested beside the table.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mycelium_cli::codec::Codec;
use mycelium_codegen::internal::compiled::Compiled;
use mycelium_codegen::internal::model::Schema;
use mycelium_codegen::internal::rules::{RULES, Rule, Spelling, Subject};
use serde_json::{Map, Value};

/// A contract whose message `M` has one field `a` of the example's type; `attributes` is what follows the type.
fn contract(test: &str, rule: &Rule, attributes: &str) -> PathBuf {
    contract_of(&format!("{test}-{}", rule.key), rule.example.ty, attributes)
}

/// The same for a type; each test has files of its own.
fn contract_of(name: &str, ty: &str, attributes: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rules");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.yaml"));
    let field = format!("{{ type: \"{ty}\"{attributes} }}");
    fs::write(&path, format!("messages: {{ M: {{ id: 1, fields: {{ a: {field} }} }} }}\n")).unwrap();
    path
}

/// The field of the example with its rule.
fn with(test: &str, rule: &Rule) -> PathBuf {
    let (key, argument) = (rule.key, rule.example.argument);
    let attributes = match rule.spelling {
        Spelling::Key => format!(", {key}: {argument}"),
        Spelling::Validation => format!(", validation: [{{ {key}: {argument} }}]"),
    };
    contract(test, rule, &attributes)
}

fn schema(path: &Path) -> Schema {
    let compiled = Compiled::read(Path::new(""), path);
    assert!(compiled.report(path).is_none(), "{:?}", compiled.diagnostics());
    compiled.schema
}

#[test]
fn pages_have_each_rule() {
    for rule in &RULES {
        let path = with("pages", rule);
        let schema = schema(&path);
        let field = &schema.messages[0].fields[0];
        let said = field.rules.iter().next().unwrap().describe(&schema, &field.ty);
        let mut docs = Command::new(env!("CARGO_BIN_EXE_mycelium"));
        let printed = docs.args(["docs", "--format", "markdown"]).arg(&path).output().unwrap();
        let page = String::from_utf8(printed.stdout).unwrap();
        assert!(page.contains(&said), "{said}: {page}");
    }
}

/// The words are those of the row itself. Whether they are also the words of the runtime is what the property test in
/// `ui-tests/fixtures/tests/dynamic` checks: there generated code and the codec read the same bodies.
#[test]
fn the_codec_refuses_what_breaks_a_rule() {
    let value = |json: &str| Map::from_iter([("a".to_owned(), serde_json::from_str::<Value>(json).unwrap())]);
    for rule in &RULES {
        let example = &rule.example;
        let path = with("codec", rule);
        let schema = schema(&path);
        let field = &schema.messages[0].fields[0];
        let set = field.rules.iter().next().unwrap();
        let number = Subject { number: None, length: None, is_zero: false };
        let refusal = set.refusal(&schema, &field.ty, &number);
        let codec = Codec::read(&path).unwrap();
        let (id, bytes) = codec.encode("M", &value(example.kept_by)).unwrap();
        assert!(codec.decode(id, &bytes, true).is_ok(), "{rule:?}");
        assert_eq!(codec.encode("M", &value(example.broken_by)), Err(format!("`a` of `M` {refusal}")));
        // The bytes of the value come from the same field without the rule.
        let free = Codec::read(&contract("free", rule, "")).unwrap();
        let (id, bytes) = free.encode("M", &value(example.broken_by)).unwrap();
        assert_eq!(codec.decode(id, &bytes, true), Err(format!("`a` of `M` {refusal}")));
    }
}

/// A default that breaks them is refused in the same order, which is tested beside the table.
#[test]
fn of_several_broken_rules_the_first_one_that_is_checked_is_named() {
    let free = Codec::read(&contract_of("several-free", "str<=8", "")).unwrap();
    let both = contract_of("several", "str<=8", ", validation: [min_length: 2], not_empty: true");
    let (id, bytes) = free.encode("M", &Map::new()).unwrap();
    let refused = Codec::read(&both).unwrap().decode(id, &bytes, true);
    assert_eq!(refused, Err("`a` of `M` is empty".to_owned()));
}
