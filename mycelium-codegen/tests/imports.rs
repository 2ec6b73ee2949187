//! Contracts in several files.

use std::fs;
use std::path::{Path, PathBuf};

use mycelium_codegen::{Report, check};

/// Writes files into a folder of this test's own and checks the first.
fn check_files(test: &str, files: &[(&str, &str)]) -> Result<(), Report> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("imports").join(test);
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    check(folder.join(files[0].0))
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[test]
fn paths_are_relative_to_the_importing_file() {
    let files = [
        (
            "main.yaml",
            "imports: [shared/prices.yaml]\nmessages: { Bar: { id: 1, fields: { close: Price, size: Size } } }",
        ),
        ("shared/prices.yaml", "imports: [sizes.yaml]\ntypes: { Price: { newtype: u64 } }"),
        ("shared/sizes.yaml", "types: { Size: { newtype: u64 } }"),
    ];
    check_files("relative", &files).unwrap();
}

#[test]
fn diamonds_and_cycles_read_each_file_once() {
    let files = [
        (
            "main.yaml",
            "imports: [left.yaml, right.yaml, ./main.yaml]\nmessages: { Bar: { id: 1, fields: { close: Price } } }",
        ),
        ("left.yaml", "imports: [base.yaml]"),
        ("right.yaml", "imports: [./base.yaml, main.yaml]\nmessages: { Tick: { id: 2, fields: { at: Price } } }"),
        ("base.yaml", "types: { Price: { newtype: u64 } }"),
    ];
    check_files("diamond", &files).unwrap();
}

#[test]
fn messages_may_all_come_from_imports() {
    let files = [("main.yaml", "imports: [other.yaml]"), ("other.yaml", "messages: { Bar: { id: 1, fields: {} } }")];
    check_files("imports-only", &files).unwrap();
}

#[test]
fn mistakes_of_all_files_are_reported_at_once_each_in_its_file() {
    let files = [
        ("main.yaml", "imports: [one.yaml, two.yaml]\nmessages: { Bar: { id: x, fields: {} } }"),
        ("one.yaml", "types: { Price: { newtype: u65 } }"),
        ("two.yaml", "types:\n\tSize: u8"),
    ];
    let report = check_files("several", &files).unwrap_err();
    let found: Vec<(&str, &str, usize)> =
        report.diagnostics().iter().map(|found| (file_name(found.path()), found.code(), found.line())).collect();
    assert_eq!(found, [("main.yaml", "MYC0009", 2), ("one.yaml", "MYC0014", 1), ("two.yaml", "MYC0001", 2)]);
}

#[test]
fn versions_of_imported_files_do_not_count() {
    let files = [
        ("main.yaml", "imports: [other.yaml]\nschema: { version: 2 }\nmessages: {}"),
        (
            "other.yaml",
            "schema: { version: 9 }\nmessages: { A: { id: 1, fields: { x: { type: u8, since: 3, default: 0 } } } }",
        ),
    ];
    let report = check_files("versions", &files).unwrap_err();
    assert_eq!(report.diagnostics()[0].message(), "`since` is a version of the schema, from 1 to 2");
}

#[test]
fn an_import_that_is_a_folder_can_not_be_read() {
    let files = [("main.yaml", "imports: [.]\nmessages: {}")];
    let report = check_files("folder", &files).unwrap_err();
    assert_eq!(report.diagnostics()[0].code(), "MYC0035");
}

#[test]
fn a_long_chain_of_imports_is_refused() {
    let mut files: Vec<(String, String)> = vec![("f0.yaml".into(), "imports: [f1.yaml]\nmessages: {}".into())];
    files.extend((1..200).map(|at| (format!("f{at}.yaml"), format!("imports: [f{}.yaml]", at + 1))));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let report = check_files("chain", &files).unwrap_err();
    assert_eq!(report.diagnostics()[0].message(), "imports go more than 64 files deep");
}
