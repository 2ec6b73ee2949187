//! The text that contracts become: that it is formatted, and what it says.
//!
//! The same contracts are compiled by rustc in `ui-tests/fixtures`, whose tests show what the code does.

use std::path::{Path, PathBuf};

const FIXTURES: [&str; 5] = ["kinds", "names", "rules", "telemetry_v1", "telemetry_v3"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../ui-tests/fixtures/contracts/{name}.yaml"))
}

/// Compiles a contract, and gives the text.
fn generate(test: &str, contract: &Path) -> String {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&directory).expect("a directory in target/tmp");
    mycelium_codegen::Builder::new().runtime("rt").output("output").out_dir(&directory).compile(contract);
    std::fs::read_to_string(directory.join("output.rs")).expect("the generated file")
}

#[test]
fn prettyplease_would_change_nothing() {
    for name in FIXTURES {
        let text = generate("prettyplease", &fixture(name));
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name} is not Rust: {error}"));
        let formatted = prettyplease::unparse(&file);
        let difference = text.lines().zip(formatted.lines()).find(|(written, formatted)| written != formatted);
        assert_eq!(difference, None, "{name} is not formatted");
        assert_eq!(text.len(), formatted.len(), "{name} is not formatted");
    }
}

#[test]
fn snapshots() {
    for name in ["kinds", "rules", "telemetry_v3"] {
        insta::assert_snapshot!(name, generate("snapshots", &fixture(name)));
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
