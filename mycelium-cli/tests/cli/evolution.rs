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
    assert_eq!(mycelium_in(&folder, &["lock"]).text(), "contracts.lock: up to date\n");
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

/// A contract of two messages, and one change: what `diff` says about it, and the exit code.
#[test]
fn diff_tells_each_change_with_who_can_still_talk_to_whom() {
    let folder = folder("diff-told");
    let then = "schema: { name: m, version: 3, min_compatible: 1 }\nmessages:\n  Bar: { id: 1, doc: d, fields: { a: u64, b: u64, late: { type: u8, since: 2, default: 1, max: 9 } } }\n  Tick: { id: 2, doc: d, fields: {} }\n";
    fs::write(folder.join("old.yaml"), then).unwrap();
    let unseen = "no handshake sees this";
    for (from, to, code, told, line) in [
        (
            "  Tick",
            "  Halt: { id: 3, doc: d, fields: {} }\n  Tick",
            0,
            "old receivers don't accept it",
            "Halt (3)  not sent  not accepted, counted",
        ),
        (
            "max: 9 }",
            "max: 9 }, new: { type: u8, since: 4, default: 0 }",
            0,
            "it flows in both directions",
            "all 2 messages flow in both directions",
        ),
        (
            "max: 9 }",
            "max: 9 }, new: { type: u8, since: 4, optional: true }",
            0,
            "read `None` from old senders",
            "all 2 messages flow in both directions",
        ),
        (
            "version: 3",
            "version: 4",
            0,
            "no message is refused because of the version",
            "all 2 messages flow in both directions",
        ),
        (
            "version: 3, min_compatible: 1",
            "version: 4, min_compatible: 4",
            1,
            "every program of the old contract, which has version 3",
            "Bar (1)  refused, with its link  refused, with its link",
        ),
        (
            "min_compatible: 1",
            "min_compatible: 2",
            1,
            "programs of version 3, that of the old contract, still talk to new ones",
            "all 2 messages flow in both directions",
        ),
        (
            "name: m",
            "name: other",
            1,
            "links that send the name of their schema are refused in both directions",
            "Tick (2)  refused, with its link  refused, with its link",
        ),
        (
            "  Tick: { id: 2, doc: d, fields: {} }",
            "reserved: { ids: [2] }",
            1,
            "new receivers don't accept `Tick`",
            "Tick (2)  not accepted, counted  not sent",
        ),
        (
            "  Tick: { id: 2, doc: d, fields: {} }",
            "",
            1,
            "new receivers don't accept `Tick`",
            "Tick (2)  not accepted, counted  not sent",
        ),
        (
            "id: 2",
            "id: 5",
            1,
            "receivers don't accept `Tick` from senders of the other version",
            "Tick (5)  not sent  not accepted, counted",
        ),
        (
            "  Tick: { id: 2, doc: d, fields: {} }",
            "  Tick: { id: 2, doc: d, fields: {} }\nreserved: { ids: [7-9] }",
            0,
            "the bytes on the wire stay the same",
            "all 2 messages flow in both directions",
        ),
        (
            "a: u64",
            "a: i64",
            1,
            "refuse a link that carries `Bar`",
            "Bar (1)  refused, with its link  refused, with its link",
        ),
        (
            "a: u64, b: u64",
            "b: u64, a: u64",
            1,
            unseen,
            "Bar (1)  flows, but breaks (MYC1107)  flows, but breaks (MYC1107)",
        ),
        ("max: 9", "max: 8", 1, unseen, "Bar (1)  flows, but breaks (MYC1114)  flows"),
        (", max: 9", "", 1, unseen, "Bar (1)  flows  flows, but breaks (MYC1115)"),
        ("default: 1", "default: 2", 1, unseen, "all 2 messages flow in both directions"),
        ("a: u64", "a: { type: u64, default: 7 }", 0, "MYC1304", "all 2 messages flow in both directions"),
        (
            "a: u64",
            "a: { type: u64, deprecated: use b }",
            0,
            "the bytes on the wire stay the same",
            "all 2 messages flow in both directions",
        ),
        (
            "a: u64",
            "a: { type: u64, unit: USD }",
            0,
            "the bytes on the wire stay the same",
            "all 2 messages flow in both directions",
        ),
        (
            "  Tick: { ",
            "  Tick: { log_payload: false, ",
            0,
            "the bytes on the wire stay the same",
            "all 2 messages flow in both directions",
        ),
        (
            "messages:",
            "types: { T: { newtype: u8, doc: d } }\nmessages:",
            0,
            "type `T` is new",
            "all 2 messages flow in both directions",
        ),
    ] {
        let mut now = then.replace(from, to);
        if now.contains("since: 4") {
            now = now.replace("version: 3", "version: 4");
        }
        assert_ne!(now, then, "{from}");
        fs::write(folder.join("new.yaml"), now).unwrap();
        let run = mycelium_in(&folder, &["diff", "old.yaml", "new.yaml"]);
        let shown = run.shown();
        assert_eq!(run.code, Some(code), "{to}\n{shown}");
        let words =
            |line: &str| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("  ");
        assert!(run.text().contains(told), "{to}: `{told}`\n{shown}");
        assert!(run.text().lines().any(|it| words(it) == line), "{to}: `{line}`\n{shown}");
        assert!(!run.text().contains("nothing changed"), "{to}\n{shown}");
        let json = mycelium_in(&folder, &["diff", "old.yaml", "new.yaml", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(json.text()).unwrap();
        assert_eq!(json["unseen"] == 1, told == unseen, "{to}: {json:#}");
        assert_eq!(json["breaks"] != 0, code == 1, "{to}: {json:#}");
        assert!(json["messages"].as_array().is_some_and(|messages| messages.len() >= 2), "{to}: {json:#}");
        let check = |format: &str| {
            fs::copy(folder.join("old.yaml"), folder.join("contracts.yaml")).unwrap();
            let _ = fs::remove_file(folder.join("contracts.lock"));
            assert_eq!(mycelium_in(&folder, &["lock"]).code, Some(0));
            fs::copy(folder.join("new.yaml"), folder.join("contracts.yaml")).unwrap();
            (mycelium_in(&folder, &["check", "--format", format]), mycelium_in(&folder, &["lock", "--format", format]))
        };
        let (checked, locked) = check("text");
        assert_eq!((checked.code, locked.code), (Some(code), Some(code)), "{to}\n{}", checked.shown());
        assert!(locked.text().contains(told), "{to}: `{told}`\n{}", locked.shown());
    }
    fs::write(folder.join("new.yaml"), format!("# The same.\n{then}")).unwrap();
    let same = mycelium_in(&folder, &["diff", "old.yaml", "new.yaml"]);
    assert_eq!(same.shown(), "exit code 0\n--- stdout\nfrom old.yaml to new.yaml: nothing changed\n");
}

/// What the report says about one change must not contradict what it says about the others.
#[test]
fn notes_of_one_report_do_not_contradict_each_other() {
    let folder = folder("diff-contradictions");
    let then = "schema: { name: m, version: 1 }\ntypes: { Zone: { enum: u8, open: true, variants: { A: 1 } }, Idle: { newtype: u8 } }\nmessages:\n  Bar: { id: 1, fields: { a: u64, zone: Zone } }\n  Tick: { id: 2, fields: {} }\n  Swap: { id: 4, fields: {} }\n";
    // In each: a message is new and one retired, a variant is new, a type that nothing holds is another one.
    let now = then
        .replace("  Tick: { id: 2, fields: {} }", "  Halt: { id: 3, fields: {} }")
        .replace("A: 1", "A: 1, B: 2")
        .replace("newtype: u8", "newtype: i8")
        + "reserved: { ids: [2, 9], names: [Tick] }\n";
    let unconditional = [
        "everything else flows",
        "stay connected",
        "talk as before",
        "and new ones connect",
        "it flows in both directions",
        "the other messages of its link flow;",
        "refuse a link in both directions",
        "refuse each other",
    ];
    for (change, refused, with) in [
        (("version: 1", "version: 2, min_compatible: 2"), 2, "between new programs and those of versions before 2"),
        (("a: u64", "a: i64"), 1, "refuse a link that carries `Bar`"),
        (("name: m", "name: other"), 4, "over links without that name at one end"),
    ] {
        fs::write(folder.join("old.yaml"), then).unwrap();
        fs::write(folder.join("new.yaml"), now.replace(change.0, change.1)).unwrap();
        let run = mycelium_in(&folder, &["diff", "old.yaml", "new.yaml"]);
        let text = run.text();
        for claim in unconditional {
            assert!(!text.contains(claim), "{change:?}: `{claim}`\n{text}");
        }
        assert!(text.contains(with), "{change:?}: `{with}`\n{text}");
        assert_eq!(text.lines().filter(|line| line.contains("refused, with its link")).count(), refused, "{text}");
        let rule = "no message flows over a link that also carries a refused one\n";
        assert_eq!(text.contains(rule), refused < 4, "{text}");
        assert_eq!(text.contains("with `unknown = refuse`"), refused < 4, "{text}");
        // `lock` says the same, in the order of the lines.
        fs::copy(folder.join("old.yaml"), folder.join("contracts.yaml")).unwrap();
        let _ = fs::remove_file(folder.join("contracts.lock"));
        assert_eq!(mycelium_in(&folder, &["lock"]).code, Some(0));
        fs::copy(folder.join("new.yaml"), folder.join("contracts.yaml")).unwrap();
        let locked = mycelium_in(&folder, &["lock", "--format", "json"]);
        let locked: serde_json::Value = serde_json::from_str(locked.text()).unwrap();
        for list in ["refused", "accepted"] {
            let lines: Vec<u64> =
                locked[list].as_array().unwrap().iter().map(|it| it["line"].as_u64().unwrap()).collect();
            assert!(lines.len() > 1 && lines.is_sorted(), "{list}: {lines:?}\n{locked:#}");
        }
    }
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
    // A revision holds what may be no contract at all.
    fs::write(folder.join("huge.yaml"), vec![b'#'; (16 << 20) + 1]).unwrap();
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "-m", "huge"]);
    let run = mycelium_in(&folder, &["diff", "HEAD:huge.yaml", "contracts/main.yaml"]);
    let wanted = "error: can't read `HEAD:huge.yaml`: it has more than 16777216 bytes\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(2), wanted), "{}", run.text());
    let run = mycelium_in(&folder, &["diff", "HEAD", "contracts/main.yaml"]);
    assert!(run.stderr.contains("such as `HEAD:contracts.yaml`"), "a revision without a path: {}", run.stderr);
}
