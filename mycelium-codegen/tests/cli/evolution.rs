//! `lock`, `check` against a lock, and `diff`.

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use super::support::{Run, command, data, folder, run};

/// Runs the command in a folder of the test's own.
fn mycelium_in(folder: &Path, arguments: &[&str]) -> Run {
    run(command().current_dir(folder).args(arguments), b"")
}

/// A folder with the contract of the desk, locked.
fn locked(test: &str) -> std::path::PathBuf {
    let folder = folder(test);
    fs::copy(data("desk.yaml"), folder.join("contracts.yaml")).unwrap();
    assert_eq!(mycelium_in(&folder, &["lock"]).shown(), "exit code 0\n--- stdout\ncontracts.lock: written\n");
    folder
}

/// Changes the contract by replacing text that is there.
fn change(folder: &Path, from: &str, to: &str) {
    let path = folder.join("contracts.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn lock_writes_once_and_then_has_nothing_to_do() {
    let folder = locked("lock-once");
    assert_eq!(mycelium_in(&folder, &["lock"]).text(), "contracts.lock: as it should be\n");
    assert_eq!(mycelium_in(&folder, &["lock", "--check"]).code, Some(0));
    change(&folder, "Xnys: 2", "Xnys: 2, Xlon: 3");
    let due = mycelium_in(&folder, &["lock", "--check"]);
    assert_eq!(due.code, Some(1), "{}", due.text());
    assert_eq!(mycelium_in(&folder, &["lock", "--check"]).code, Some(1), "a check writes nothing");
    assert_eq!(mycelium_in(&folder, &["lock"]).code, Some(0));
    assert_eq!(mycelium_in(&folder, &["lock", "--check"]).code, Some(0));
}

#[test]
fn a_break_of_the_wire_is_found_refused_and_accepted_when_it_is_named() {
    let folder = locked("lock-break");
    change(&folder, "key: { type: \"[u8; 4]\"", "key: { type: \"[u8; 5]\"");
    assert_snapshot!("check_shows_both_places", mycelium_in(&folder, &["check", "--no-lints"]).shown());
    assert_snapshot!(
        "check_gives_machines_both_places",
        mycelium_in(&folder, &["check", "--no-lints", "--format", "json"]).shown()
    );
    assert_snapshot!("lock_refuses_a_break", mycelium_in(&folder, &["lock"]).shown());
    assert_eq!(mycelium_in(&folder, &["lock", "--break", "Place"]).code, Some(1), "the versions tell nothing yet");
    change(&folder, "version: 2, min_compatible: 1", "version: 3, min_compatible: 3");
    assert_snapshot!(
        "lock_accepts_a_named_break",
        mycelium_in(&folder, &["lock", "--break", "Place", "--format", "json"]).shown()
    );
    assert_eq!(mycelium_in(&folder, &["check", "--no-lints"]).code, Some(0));
}

#[test]
fn diff_compares_files_and_locks() {
    let folder = locked("diff-files");
    fs::copy(folder.join("contracts.yaml"), folder.join("old.yaml")).unwrap();
    let same = mycelium_in(&folder, &["diff", "contracts.lock", "contracts.yaml"]);
    assert_eq!(same.shown(), "exit code 0\n--- stdout\nfrom contracts.lock to contracts.yaml: nothing changed\n");
    change(&folder, "account: { type: u128", "account: { type: u64");
    change(&folder, "  Stop: {", "  Halt: {");
    assert_snapshot!("diff_of_files", mycelium_in(&folder, &["diff", "old.yaml", "contracts.yaml"]).shown());
    let json = mycelium_in(&folder, &["diff", "old.yaml", "contracts.yaml", "--format", "json"]);
    assert_snapshot!("diff_of_files_for_machines", json.shown());
    assert_eq!(mycelium_in(&folder, &["diff", "old.yaml", "none.yaml"]).code, Some(2));
    fs::write(folder.join("old.yaml"), "messages: 1").unwrap();
    assert_eq!(mycelium_in(&folder, &["diff", "old.yaml", "contracts.yaml"]).code, Some(1));
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn diff_reads_revisions_with_what_they_import() {
    let folder = folder("diff-git");
    fs::create_dir_all(folder.join("contracts/shared")).unwrap();
    let main = "imports: [shared/prices.yaml, ../top.yaml]\nmessages: { Bar: { id: 1, doc: A day., fields: { close: { type: Price, doc: Last. } } } }\n";
    fs::write(folder.join("contracts/main.yaml"), main).unwrap();
    fs::write(folder.join("contracts/shared/prices.yaml"), "types: { Price: { newtype: u64, doc: A price. } }\n")
        .unwrap();
    fs::write(folder.join("top.yaml"), "types: { Size: { newtype: u64, doc: A size. } }\n").unwrap();
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "-m", "first"]);
    fs::write(folder.join("contracts/shared/prices.yaml"), "types: { Price: { newtype: u32, doc: A price. } }\n")
        .unwrap();
    assert_snapshot!(
        "diff_with_a_revision",
        mycelium_in(&folder, &["diff", "HEAD:contracts/main.yaml", "contracts/main.yaml"]).shown()
    );
    let same = mycelium_in(&folder, &["diff", "HEAD:contracts/main.yaml", "HEAD:contracts/main.yaml"]);
    assert_eq!(same.code, Some(0), "{}{}", same.text(), same.stderr);
    for missing in ["HEAD:none.yaml", "nowhere:contracts/main.yaml", "HEAD:../../etc/passwd"] {
        let run = mycelium_in(&folder, &["diff", missing, "contracts/main.yaml"]);
        assert_eq!((run.code, run.text()), (Some(2), ""), "{missing}");
    }
    let run = mycelium_in(&folder, &["diff", "HEAD", "contracts/main.yaml"]);
    assert!(run.stderr.contains("such as `HEAD:contracts.yaml`"), "a revision without a path: {}", run.stderr);
}
