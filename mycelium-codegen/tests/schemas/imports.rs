//! Contracts in several files.

use std::fs;
use std::path::{Path, PathBuf};

use mycelium_codegen::{Report, check};

/// Writes files into a folder for this test and checks the first.
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
    assert_eq!(report.diagnostics()[0].message(), "`since` must be a version of the schema, from 1 to 2");
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
    assert_eq!(report.diagnostics()[0].message(), "imports are nested more than 64 files deep");
}

/// An attacker may choose the path of an import: a report shows nothing of another file, and no device or FIFO blocks a build.
#[test]
#[cfg(unix)]
fn an_import_shows_nothing_of_a_file_that_is_no_contract() {
    const SECRET: &str = "root:hunter2:19000";
    let files = [("main.yaml", "messages: {}"), ("shadow", SECRET), ("secret.yaml", "password: hunter2\nmore: [")];
    check_files("secrets", &files).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("imports/secrets");
    let link = |to: &str, name: &str| {
        let _ = fs::remove_file(folder.join(name));
        std::os::unix::fs::symlink(to, folder.join(name)).unwrap();
    };
    link("shadow", "linked.yaml");
    link("/dev/zero", "zero.yaml");
    link("/etc/passwd", "users.yml");
    let _ = fs::remove_file(folder.join("fifo.yaml"));
    assert!(std::process::Command::new("mkfifo").arg(folder.join("fifo.yaml")).status().unwrap().success());
    fs::create_dir_all(folder.join("folder.yaml")).unwrap();
    fs::write(folder.join("binary.yaml"), b"hunter2\xFF\x00").unwrap();

    for (import, told) in [
        ("shadow", "is not a contract file: its name does not end in `.yaml` or `.yml`"),
        ("/etc/passwd", "is not a contract file"),
        ("/dev/zero", "is not a contract file"),
        ("linked.yaml", "is not a contract file"),
        ("zero.yaml", "is not a contract file"),
        ("users.yml", "is not a contract file"),
        ("fifo.yaml", "it is a FIFO, not a regular file"),
        ("folder.yaml", "it is a directory, not a regular file"),
        ("secret.yaml", "it has none of the keys of a contract"),
        ("binary.yaml", "it has none of the keys of a contract"),
        ("missing.yaml", "No such file"),
    ] {
        fs::write(folder.join("main.yaml"), format!("imports: [{import}]\nmessages: {{}}\n")).unwrap();
        let (tell, told_in_time) = std::sync::mpsc::channel();
        let path = folder.join("main.yaml");
        // A check that waits is left behind.
        std::thread::spawn(move || tell.send(check(&path)));
        let report = told_in_time.recv_timeout(std::time::Duration::from_secs(60)).expect(import).unwrap_err();
        let [only] = report.diagnostics() else { panic!("{import}: {report}") };
        assert_eq!((only.code(), only.line()), ("MYC0035", 1), "{import}: {report}");
        assert!(only.message().contains(told), "{import}: {report}");
        assert!(!report.to_string().contains("hunter2") && !report.to_string().contains("root:"), "{import}: {report}");
    }
}

/// The mistakes of a contract are shown, in whatever style its keys are written.
#[test]
fn mistakes_in_imports_are_shown_at_their_lines() {
    for (name, text, code) in [
        ("block", "types:\n  A: u8: u8\n", "MYC0001"),
        ("flow", "{messages: {Bar: {id: x, fields: {}}}}\n", "MYC0009"),
        ("json", "{\n  \"messages\" : {\"Bar\": {\"id\": \"x\", \"fields\": {}}}\n}\n", "MYC0009"),
        ("empty", "\n", "MYC0003"),
    ] {
        let files = [("main.yaml", "imports: [other.yaml]\nmessages: {}"), ("other.yaml", text)];
        let report = check_files(name, &files).unwrap_err();
        let found = &report.diagnostics()[0];
        assert_eq!((file_name(found.path()), found.code()), ("other.yaml", code), "{report}");
    }
}
