//! The generated text: its format and its content.
//!
//! The same contracts are compiled by rustc in `ui-tests/fixtures`, whose tests show what the code does.

use std::path::{Path, PathBuf};

const FIXTURES: [&str; 5] = ["kinds", "names", "rules", "telemetry_v1", "telemetry_v3"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../ui-tests/fixtures/contracts/{name}.yaml"))
}

/// Compiles a contract, and returns the text.
fn generate(test: &str, contract: &Path) -> String {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&directory).expect("a directory in target/tmp");
    mycelium_codegen::Builder::new().runtime("rt").output("output").out_dir(&directory).compile(contract);
    std::fs::read_to_string(directory.join("output.rs")).expect("the generated file")
}

#[test]
fn prettyplease_would_change_nothing() {
    for name in FIXTURES {
        assert_formatted(name, &generate("prettyplease", &fixture(name)));
    }
    for (name, head) in [("closed", CLOSED), ("open", OPEN)] {
        let value = |index| format!("{}", 10 - 3 * index as i64);
        assert_formatted(name, &with_variants(&format!("prettyplease_{name}"), head, 300, value));
    }
}

fn assert_formatted(name: &str, text: &str) {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name} is not Rust: {error}"));
    let formatted = prettyplease::unparse(&file);
    let difference = text.lines().zip(formatted.lines()).find(|(written, formatted)| written != formatted);
    assert_eq!(difference, None, "{name} is not formatted");
    assert_eq!(text.len(), formatted.len(), "{name} is not formatted");
}

#[test]
fn snapshots() {
    for name in ["kinds", "rules", "telemetry_v3"] {
        let text = generate("snapshots", &fixture(name));
        let version = concat!("\"mycelium-codegen\", \"", env!("CARGO_PKG_VERSION"), "\"");
        insta::assert_snapshot!(name, text.replacen(version, "\"mycelium-codegen\", \"[version]\"", 1));
    }
}

#[test]
fn comments_and_indentation_change_neither_code_nor_hashes() {
    let yaml = "messages:\n  Bar:\n    id: 1\n    fields:\n      close: u64\n";
    let same = "# A comment.\nmessages:\n    Bar:   # Another.\n        id:   1\n\n        fields: { close: u64 }\n";
    let texts = [("plain", yaml), ("commented", same)].map(|(test, yaml)| {
        let contract = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).join("bars.yaml");
        std::fs::create_dir_all(contract.parent().expect("a parent")).expect("a directory in target/tmp");
        std::fs::write(&contract, yaml).expect("a contract in target/tmp");
        generate(test, &contract)
    });
    assert_eq!(texts[0], texts[1]);
}

/// The hashes are part of the protocol: two builds of this compiler, years apart, must agree on them.
#[test]
fn hashes_stay_what_they_are() {
    let text = generate("hashes", &fixture("telemetry_v3"));
    let layouts: Vec<&str> = text.lines().filter(|line| line.contains("u64)] = &[") || line.contains("0x")).collect();
    insta::assert_snapshot!("hashes", layouts.join("\n"));
}

/// The code that uses such a field calls its accessors, and must not meet a second error when the rule is wrong.
#[test]
fn a_field_with_a_wrong_rule_stays_private() {
    let contract = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong_rule").join("contracts.yaml");
    std::fs::create_dir_all(contract.parent().expect("a parent")).expect("a directory in target/tmp");
    for (field, is_private) in [
        ("{ type: u8, min: 300 }", true),
        ("{ type: u8, not_empty: true }", true),
        // It refuses nothing, which a lint says.
        ("{ type: u8, min: 0 }", false),
        ("{ type: Missing, min: 1 }", true),
        ("{ type: u8, min: 300, optional: true }", true),
        ("{ type: u8, not_zero: false }", false),
        ("{ type: u8, validation: [min: 300] }", false),
        ("{ type: u8, validation: [pattern: a] }", false),
    ] {
        let yaml = format!(
            "types: {{ Missing: {{ struct: {{}} }} }}\nmessages: {{ Bar: {{ id: 1, fields: {{ level: {field} }} }} }}\n"
        );
        std::fs::write(&contract, yaml).expect("a contract in target/tmp");
        let text = generate("wrong_rule", &contract);
        assert_eq!(text.contains("pub fn level(&self)"), is_private, "{field}: {text}");
        assert_eq!(text.contains("pub fn set_level("), is_private, "{field}: {text}");
        assert_eq!(text.contains("TryFrom<BarFields> for Bar"), is_private, "{field}: {text}");
    }
}

/// The code of a contract with one type of this number of variants, in the folder of a test.
fn with_variants(test: &str, head: &str, variants: usize, variant: impl Fn(usize) -> String) -> String {
    let contract = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).join("variants.yaml");
    std::fs::create_dir_all(contract.parent().expect("a parent")).expect("a directory in target/tmp");
    let variants = (0..variants).map(|index| format!("      V{index:05}: {}\n", variant(index))).collect::<String>();
    let message = "messages:\n  M: { id: 1, fields: { kind: Kind } }\n";
    std::fs::write(&contract, format!("types:\n  Kind:\n{head}{variants}{message}")).expect("a contract in target/tmp");
    generate(test, &contract)
}

const CLOSED: &str = "    enum: i32\n    variants:\n";
const OPEN: &str = "    enum: i32\n    open: true\n    variants:\n";
const ONEOF: &str = "    oneof:\n";

#[test]
fn text_grows_with_the_number_of_variants_and_not_faster() {
    let value = |index: usize| format!("{}", 3 * index);
    let fields = |_: usize| "{ at: u64, is_open: bool }".to_owned();
    for (head, variant) in [(CLOSED, &value as &dyn Fn(usize) -> String), (OPEN, &value), (ONEOF, &fields)] {
        for few in [100, 400] {
            let [few, many] = [few, 2 * few].map(|variants| with_variants("growing", head, variants, variant).len());
            assert!(10 * many <= 22 * few, "{few} bytes became {many}: {head}");
        }
    }
}

/// The work of rustc for a `match` grows with the square of its arms.
#[test]
fn no_match_of_a_large_enum_has_an_arm_for_each_variant() {
    for (test, head) in [("closed_arms", CLOSED), ("open_arms", OPEN)] {
        let text = with_variants(test, head, 300, |index| format!("{index}"));
        assert!(text.matches("=>").count() < 20, "{text}");
    }
}
