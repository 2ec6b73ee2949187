//! `init`, and what the new project does.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::support::{command, folder, mycelium, run};

/// Runs cargo in a new project, with the dependencies of this repository.
fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--quiet", "--color", "never"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("starter-target"))
        .output()
        .unwrap()
}

#[test]
fn a_new_project_runs_and_its_test_passes() {
    let folder = folder("starter").join("my-house");
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let made = mycelium(["init", folder.to_str().unwrap(), "--path", checkout.to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    // The folder lies inside this repository's, whose workspace it must not join, and takes the versions from there.
    let manifest = folder.join("Cargo.toml");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap() + "\n[workspace]\n").unwrap();
    fs::copy(checkout.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let ran = cargo(&folder, &["run"]);
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "a new user sees no warning");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "attic: 6.25 degrees too warm\n1 alarm\n");
    let tested = cargo(&folder, &["test"]);
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));
    assert!(String::from_utf8_lossy(&tested.stdout).contains("1 passed"));

    let check = run(command().current_dir(&folder).args(["check", "--deny-lints"]), b"");
    assert_eq!((check.code, check.text()), (Some(0), "contracts.yaml: valid, 2 messages, 1 type\n"));
    assert_eq!(run(command().current_dir(&folder).args(["lock", "--check"]), b"").code, Some(0));
    let contract = fs::read_to_string(folder.join("contracts.yaml")).unwrap();
    assert!(contract.starts_with("# yaml-language-server: $schema=contracts.schema.json\n"));
    assert_eq!(fs::read(folder.join("contracts.schema.json")).unwrap(), mycelium(["schema"]).stdout);
}

#[test]
fn a_new_project_depends_on_the_published_version() {
    let folder = folder("published");
    let made = run(command().current_dir(&folder).args(["init", "--name", "house"]), b"");
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(manifest.contains(concat!("mycelium-rt = \"", env!("CARGO_PKG_VERSION"), "\"")), "{manifest}");
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder("not-empty");
    fs::write(folder.join("contracts.yaml"), "mine").unwrap();
    let refused = run(command().current_dir(&folder).args(["init", "--name", "house"]), b"");
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.stderr, "error: `.` is not empty: it holds `contracts.yaml`\n");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn names_that_cargo_or_rust_refuse_are_refused() {
    let folder = folder("names");
    for name in ["1st", "two words", "self", "é", ""] {
        let refused = run(command().current_dir(&folder).args(["init", "--name", name]), b"");
        assert_eq!((refused.code, refused.text()), (Some(2), ""), "{name}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
