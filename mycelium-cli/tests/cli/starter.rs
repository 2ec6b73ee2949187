//! `init`, and the project that it makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::support::{command, folder, mycelium, run};

/// Runs cargo in a new project, with the dependencies of this repository.
fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--quiet", "--offline", "--color", "never"])
        .current_dir(folder)
        // The target folder and the profile of this test, so that dependencies are built only once.
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .output()
        .unwrap()
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Everything below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| [vec![path.clone()], if path.is_dir() { below(&path) } else { Vec::new() }].concat())
        .collect()
}

#[test]
fn a_new_project_runs_and_its_test_passes() {
    // The folder lies inside this repository's, whose workspace it must not join.
    let folder = folder("starter").join("my-house");
    let made = mycelium(["init", folder.to_str().unwrap(), "--path", checkout().to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    fs::copy(checkout().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let ran = cargo(&folder, &["run"]);
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "a new user sees no warning");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "attic: 6.25 degrees too warm\n1 alarm\n");
    let tested = cargo(&folder, &["test"]);
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));
    assert!(String::from_utf8_lossy(&tested.stdout).contains("1 passed"));

    let check = run(command().current_dir(&folder).args(["check", "--deny-lints"]), b"");
    assert_eq!((check.code, check.text()), (Some(0), "contracts.yaml: valid, 2 messages, 1 type\n"));
    let contract = fs::read_to_string(folder.join("contracts.yaml")).unwrap();
    assert!(contract.starts_with("# yaml-language-server: $schema=contracts.schema.json\n"));
    assert_eq!(fs::read(folder.join("contracts.schema.json")).unwrap(), mycelium(["schema"]).stdout);
}

/// The first thing that one does to the contract of a new project is to replace it, which breaks with nobody.
#[test]
fn the_contract_of_a_new_project_can_be_replaced() {
    let folder = folder("replaced").join("house");
    let made = mycelium(["init", folder.to_str().unwrap(), "--path", checkout().to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(!folder.join("contracts.lock").exists());
    assert!(made.text().contains("`mycelium lock`"), "it is said when to lock: {}", made.text());
    assert!(fs::read_to_string(folder.join("README.md")).unwrap().contains("mycelium lock"));

    fs::write(folder.join("contracts.yaml"), "messages: { Order: { id: 1, doc: Mine., fields: {} } }\n").unwrap();
    let check = run(command().current_dir(&folder).args(["check", "--deny-lints"]), b"");
    assert_eq!((check.code, check.text()), (Some(0), "contracts.yaml: valid, 1 message, 0 types\n"));
    assert_eq!(run(command().current_dir(&folder).arg("lock"), b"").code, Some(0));
    assert_eq!(run(command().current_dir(&folder).args(["lock", "--check"]), b"").code, Some(0));
}

/// In a workspace that takes it as a member, in one that does not, and in none; with names that are not those of a library.
#[test]
fn a_new_project_builds_wherever_it_is_made() {
    let outside = std::env::temp_dir().join(format!("mycelium-starter-{}", std::process::id()));
    let _ = fs::remove_dir_all(&outside);
    let folder = folder("starter-places");
    for (place, manifest, is_member, own) in [
        (folder.join("members"), "[workspace]\nmembers = [\"*\"]\nresolver = \"3\"\n", true, false),
        (folder.join("others"), "[workspace]\nmembers = []\n", false, true),
        (folder.join("inline"), "workspace = { members = [] }\n", false, true),
        (folder.join("spaced"), "  [ \"workspace\" ]\n", false, true),
        (folder.join("dotted"), "workspace.members = [\"*\"]\nworkspace.resolver = \"3\"\n", true, false),
        (outside.join("excluded"), "[workspace]\nexclude = [\"MyHouse\"]\n", false, false),
        (outside.join("none"), "", false, false),
    ] {
        fs::create_dir_all(&place).unwrap();
        if !manifest.is_empty() {
            fs::write(place.join("Cargo.toml"), manifest).unwrap();
        }
        // Without `--path`, the checkout is the one that the command was built from.
        let made = run(command().current_dir(&place).args(["init", "MyHouse"]), b"");
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let house = place.join("MyHouse");
        let has_own = fs::read_to_string(house.join("Cargo.toml")).unwrap().contains("[workspace]");
        assert_eq!(has_own, own, "{}", place.display());
        let root = if is_member { &place } else { &house };
        fs::copy(checkout().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let built = cargo(&house, &["build"]);
        assert!(built.status.success() && built.stderr.is_empty(), "{}", String::from_utf8_lossy(&built.stderr));
    }
    fs::remove_dir_all(&outside).unwrap();
}

#[test]
fn a_checkout_that_is_none_is_refused_before_anything_is_made() {
    let folder = folder("no-checkout");
    for path in ["nowhere", ".", "/dev/null"] {
        let refused = run(command().current_dir(&folder).args(["init", "house", "--path", path]), b"");
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("give the folder that contains `mycelium-rt`"), "{}", refused.stderr);
    }
    assert_eq!(below(&folder), Vec::<PathBuf>::new());
}

/// A file that can't be written whole, as on a disk that is full.
#[test]
fn a_project_that_fails_half_way_leaves_nothing_behind() {
    let folder = folder("half-way");
    let line = "trap '' XFSZ; ulimit -f 4; exec \"$@\"";
    let mut limited = Command::new("bash");
    limited.args(["-c", line, "sh", env!("CARGO_BIN_EXE_mycelium"), "init", "deep/er/house"]);
    let refused = run(limited.current_dir(&folder), b"");
    assert_eq!(refused.code, Some(2), "{}", refused.text());
    assert!(refused.stderr.contains("can't write"), "{}", refused.stderr);
    assert_eq!(below(&folder), Vec::<PathBuf>::new());
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder("not-empty");
    fs::write(folder.join("contracts.yaml"), "mine").unwrap();
    let refused = run(command().current_dir(&folder).args(["init", "--name", "house"]), b"");
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.stderr, "error: `.` is not empty: it contains `contracts.yaml`\n");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_name_that_would_not_build_is_refused_and_leaves_nothing_behind() {
    let folder = folder("names");
    for name in ["1abc", "a b", "self", "fn", "std", "core", "test", "mycelium-rt", "deps", "\u{e9}", "", ".."] {
        let refused = run(command().current_dir(&folder).args(["init", "house", "--name", name]), b"");
        assert_eq!((refused.code, refused.text()), (Some(2), ""), "{name}");
        assert!(refused.stderr.contains("can't be the name of a package"), "{}", refused.stderr);
        if !["", ".."].contains(&name) {
            let by_folder = run(command().current_dir(&folder).args(["init", name]), b"");
            assert_eq!(by_folder.code, Some(2), "{name}");
            assert!(by_folder.stderr.contains("choose one with `--name`"), "{}", by_folder.stderr);
        }
        assert_eq!(below(&folder), Vec::<PathBuf>::new(), "{name}");
    }
    let above = run(command().current_dir(folder.join(".")).args(["init", ".."]), b"");
    assert_eq!(above.code, Some(2), "{}", above.text());
}
