//! Contracts and their locks: which changes are found, at which places, and with which texts.
//!
//! Each `evolution/*.yaml` holds what was locked, a line `---`, and what the contract says now; its first line says which
//! codes are expected and where. The rendering is in the `.txt` beside it. `BLESS=1 cargo test -p mycelium-codegen --test
//! schemas evolution` writes the renderings again; read the diff.

use std::fs;
use std::path::{Path, PathBuf};

use mycelium_codegen::{Category, Diagnostic, check, lints, lock};

struct Case {
    path: PathBuf,
    expected: String,
    then: String,
    now: String,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evolution");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    paths.into_iter().map(case).collect()
}

fn case(path: PathBuf) -> Case {
    let text = fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let expected =
        first.strip_prefix("# expected: ").unwrap_or_else(|| panic!("{}: no `# expected: `", path.display()));
    let (then, now) = rest.split_once("---\n").unwrap();
    Case { expected: expected.to_owned(), then: then.to_owned(), now: now.to_owned(), path }
}

/// A folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("evolution").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Locks one contract and puts another in its place.
fn locked(test: &str, then: &str, now: &str) -> PathBuf {
    let path = folder(test).join("contracts.yaml");
    fs::write(&path, then).unwrap();
    lock::write(&path, &[]).unwrap_or_else(|report| panic!("{test}: {report}"));
    fs::write(&path, now).unwrap();
    path
}

fn codes(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().map(Diagnostic::code).collect()
}

#[test]
fn each_change_is_found_at_both_of_its_places() {
    let cases = cases();
    assert!(cases.len() >= 20, "only {} cases found", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let name = case.path.file_stem().unwrap().to_str().unwrap();
        let path = locked(name, &case.then, &case.now);
        let report = lock::diff(path.with_extension("lock"), &path).unwrap_or_else(|report| panic!("{name}: {report}"));
        let found: Vec<String> =
            report.diagnostics().iter().map(|it| format!("{} {}:{}", it.code(), it.line(), it.column())).collect();
        let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
        if found != case.expected {
            failures.push(format!("{name}: expected {}, found {found}\n{report}", case.expected));
        }
        for found in report.diagnostics() {
            let places = (found.line() > 0, found.related().iter().any(|then| then.path.ends_with("contracts.lock")));
            assert_eq!(places, (true, true), "{name}: {found} has not both places");
            assert!(found.help().is_some() && found.category().is_some(), "{name}: {found}");
        }
        // The renderings must not depend on where the repository lies.
        let shown = format!("{}/", path.parent().unwrap().display());
        compare(&case.path.with_extension("txt"), &format!("{report}\n").replace(&shown, ""), &mut failures);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n\n"));
}

fn compare(path: &Path, rendered: &str, failures: &mut Vec<String>) {
    if std::env::var_os("BLESS").is_some() {
        return fs::write(path, rendered).unwrap();
    }
    if fs::read_to_string(path).unwrap_or_default() != rendered {
        failures.push(format!("{} differs; it is now:\n{rendered}", path.display()));
    }
}

const THEN: &str = "schema: { version: 3, min_compatible: 2 }
types:
  Price: { decimal: { repr: i64, scale: 6 } }
  Side: { enum: u8, variants: { Sell: 2, Buy: 1 } }
  Zone: { enum: u16, open: true, variants: { Forest: 1 } }
  Effects: { flags: u16, bits: { Hidden: 2, Burning: 0 } }
  Level: { struct: { size: u8, price: Price } }
  Order: { oneof: { Limit: { price: Price, size: u8 }, Market: {} } }
  Symbol: { newtype: str<=8 }
messages:
  Tick:
    id: 2
    topic: \"a \\\"b\\\" é\"
    fields:
      at: timestamp_ns
      side: { type: Side, default: Sell, deprecated: yes }
      note: { type: \"str<=9\", optional: true, not_empty: true }
      levels: { type: \"[Level]<=3\", default: [] }
      order: { type: Order, since: 3, optional: true }
  Bar:
    id: 1
    log_payload: false
    fields:
      price: { type: Price, min: 0.5, max: 1_000, unit: USD }
      flags: Effects
      grid: { type: \"[[u16; 2]; 2]\", default: [[1, 2], [3, 4]] }
      big: { type: u256, max: 0x1_0000_0000_0000_0000_0000_0000_0000_0000_0000_0000 }
      zone: { type: Zone, since: 2, default: Forest }
      symbol: { type: Symbol, since: 2, default: ABC }
reserved: { ids: [9, 20-29], names: [OldBar] }
";

/// The format is a promise: locks are committed, and merged by people.
#[test]
fn the_lock_is_sorted_and_has_one_line_for_each_fact() {
    let path = locked("format", THEN, THEN);
    insta::assert_snapshot!("lock", fs::read_to_string(path.with_extension("lock")).unwrap());
}

#[test]
fn a_contract_agrees_with_its_own_lock_whatever_is_in_it() {
    let path = locked("same", THEN, THEN);
    let found = lints(&path).unwrap();
    assert!(found.iter().all(|found| found.category().is_none()), "{found:?}");
    assert!(!lock::write(&path, &[]).unwrap().changed);
}

#[test]
fn a_lock_with_the_line_ends_of_windows_is_as_it_should_be() {
    let path = locked("windows", THEN, THEN);
    let lock = fs::read_to_string(path.with_extension("lock")).unwrap();
    fs::write(path.with_extension("lock"), lock.replace('\n', "\r\n")).unwrap();
    assert!(check(&path).is_ok());
    assert!(!lock::write(&path, &[]).unwrap().changed);
}

#[test]
fn order_comments_and_docs_are_not_locked() {
    let now = "# Another order.\nmessages:\n  B: { id: 2, doc: Yes., fields: {} }\n  A: { id: 1, fields: {} }\ntypes:\n  S: { enum: u8, variants: { Z: 3, Y: { value: 1, doc: Why. } } }\n";
    let then = "types:\n  S: { enum: u8, variants: { Y: 1, Z: 3 } }\nmessages:\n  A: { id: 1, fields: {} }\n  B: { id: 2, fields: {} }\n";
    let path = locked("order", then, now);
    assert!(!lock::write(&path, &[]).unwrap().changed);
}

#[test]
fn a_break_is_written_only_where_it_is_named_and_the_versions_tell_of_it() {
    let then = "messages:\n  Bar: { id: 1, fields: { a: u64 } }\n  Tick: { id: 2, fields: { a: u64 } }\n";
    let broken = "messages:\n  Bar: { id: 1, fields: { a: u32 } }\n  Tick: { id: 2, fields: { a: u32 } }\n";
    let path = locked("break", then, broken);
    let before = fs::read(path.with_extension("lock")).unwrap();
    let refused = |breaks: &[&str]| {
        let report = lock::write(&path, breaks).unwrap_err();
        assert_eq!(fs::read(path.with_extension("lock")).unwrap(), before, "a refused lock stays as it was");
        let found = report.diagnostics().to_vec();
        (codes(&found).join(" "), found)
    };
    let (found, diagnostics) = refused(&[]);
    assert_eq!(found, "MYC1105 MYC1105");
    assert!(diagnostics[0].help().unwrap().ends_with("`mycelium lock --break Bar`"), "{:?}", diagnostics[0]);
    assert_eq!(refused(&["Bar"]).0, "MYC1004 MYC1105", "in the order of the lines");
    assert_eq!(refused(&["Bar", "Tick"]).0, "MYC1004");
    let told = |found: Vec<Diagnostic>| {
        let help = found[0].help().unwrap().to_owned();
        assert!(help.contains("are then refused for programs of version 1 and before"), "{help}");
        (found[0].message().to_owned(), help)
    };
    let (message, help) = told(refused(&["Bar", "Tick"]).1);
    assert!(message.contains("needs a new version") && help.contains("version: 2, min_compatible: 2"), "{message}");
    fs::write(&path, format!("schema: {{ version: 2 }}\n{broken}")).unwrap();
    let (found, diagnostics) = refused(&["Bar", "Tick"]);
    assert_eq!(found, "MYC1004");
    let (message, help) = told(diagnostics);
    assert_eq!(message, "a break with version 1 needs a `min_compatible` above 1");
    assert!(help.starts_with("set `min_compatible: 2`"), "the version is new already: {help}");
    fs::write(&path, format!("schema: {{ version: 2, min_compatible: 2 }}\n{broken}")).unwrap();
    assert_eq!(refused(&["Bar", "Tick", "Tock"]).0, "MYC1005");
    let written = lock::write(&path, &["Bar", "Tick"]).unwrap();
    assert!(written.changed);
    assert_eq!(codes(&written.accepted), ["MYC1313", "MYC1134", "MYC1105", "MYC1105"]);
    assert!(check(&path).is_ok());
}

#[test]
fn a_break_of_a_type_is_one_of_all_messages_that_hold_it() {
    let then = "types:\n  In: { newtype: u32 }\n  Out: { struct: { it: \"[In; 2]\" } }\nmessages:\n  A: { id: 1, fields: { it: Out } }\n  B: { id: 2, fields: { its: \"[In]<=2\" } }\n  C: { id: 3, fields: { it: u32 } }\n";
    let now = format!("schema: {{ version: 2, min_compatible: 2 }}\n{}", then.replace("newtype: u32", "newtype: i32"));
    let path = locked("type", then, &now);
    for breaks in [&["A"][..], &["B"], &["C"], &["A", "C"]] {
        assert_eq!(codes(lock::write(&path, breaks).unwrap_err().diagnostics())[0], "MYC1129", "{breaks:?}");
    }
    assert!(lock::write(&path, &["B", "A"]).unwrap().changed);
}

#[test]
fn what_cuts_older_programs_off_is_locked_only_where_it_is_named() {
    let then = "messages:\n  Bar: { id: 1, fields: { a: u64 } }\n  Tick: { id: 2, fields: {} }\n";
    let raised = format!("schema: {{ version: 2, min_compatible: 2 }}\n{then}");
    let path = locked("raised", then, &raised);
    assert_eq!(codes(lock::write(&path, &[]).unwrap_err().diagnostics()), ["MYC1134"]);
    assert_eq!(
        codes(lock::write(&path, &["Bar", "Tick"]).unwrap_err().diagnostics()),
        ["MYC1134"],
        "no break of theirs"
    );
    assert_eq!(codes(check(&path).unwrap_err().diagnostics()), ["MYC1134"]);
    assert!(lock::write(&path, &["schema"]).unwrap().changed);

    // What is not accepted lets everything else flow: nobody has to be refused for it.
    let retired = "messages: { Bar: { id: 1, fields: { a: u64 } } }\nreserved: { ids: [2], names: [Tick] }\n";
    let path = locked("retired", then, retired);
    let refused = lock::write(&path, &[]).unwrap_err();
    assert_eq!(codes(refused.diagnostics()), ["MYC1133"]);
    assert!(refused.diagnostics()[0].help().unwrap().ends_with("`mycelium lock --break Tick`"), "{refused}");
    assert_eq!(codes(&lock::write(&path, &["Tick"]).unwrap().accepted), ["MYC1133"]);

    let nobody = locked("nobody", "messages: {}\n", "schema: { version: 2, min_compatible: 2 }\nmessages: {}\n");
    assert_eq!(codes(&lock::write(&nobody, &[]).unwrap().accepted), ["MYC1313", "MYC1313"]);
}

#[test]
fn fields_that_changed_places_are_told_whatever_else_changed() {
    let then = "messages: { Bar: { id: 1, fields: { a: u64, b: u64, c: { type: u64, max: 9 } } } }\n";
    for fields in [
        "b: u64, a: u64, c: { type: u64, max: 12 }",
        "b: u64, a: u64, c: { type: i64, max: 9 }",
        "b: u64, a: u64",
        "n: u8, b: u64, a: u64, c: { type: u64, max: 9 }",
    ] {
        let now = format!("messages: {{ Bar: {{ id: 1, fields: {{ {fields} }} }} }}\n");
        let path = locked("swapped", then, &now);
        let found = codes(check(&path).unwrap_err().diagnostics()).join(" ");
        assert!(found.contains("MYC1107"), "{fields}: {found}");
    }
}

/// The first variant fills absent and unused values, so a receiver refuses another one when it checks the bytes.
#[test]
fn the_first_variant_of_an_enum_is_kept_where_it_fills_anything() {
    let contract = |variants: &str, field: &str| {
        format!(
            "types:\n  E: {{ enum: u8, variants: {{ {variants} }} }}\n  S: {{ struct: {{ e: E }} }}\nmessages: {{ A: {{ id: 1, fields: {{ e: {field} }} }} }}\n"
        )
    };
    let (sorted, turned) = ("X: 1, Y: 2", "Y: 2, X: 1");
    for (field, breaks) in [
        ("{ type: E, optional: true }", true),
        ("\"[E]<=3\"", true),
        ("{ type: S, optional: true }", true),
        ("\"[S]<=3\"", true),
        ("E", false),
        ("\"[S; 3]\"", false),
    ] {
        for (then, now) in [(sorted, turned), (turned, sorted)] {
            let path = locked("first", &contract(then, field), &contract(now, field));
            let found = check(&path).map_or_else(|report| codes(report.diagnostics()).join(" "), |()| String::new());
            assert_eq!(found, if breaks { "MYC1135" } else { "" }, "{field}, {then}");
            fs::write(&path, contract(then, field)).unwrap();
            assert!(check(&path).is_ok() && !lock::write(&path, &[]).unwrap().changed, "{field}, {then}");
        }
    }
}

/// A lock that was written when an optional could have a default: absent is not that value.
#[test]
fn an_optional_that_loses_its_default_is_read_otherwise() {
    let contract =
        "schema: { version: 2 }\nmessages: { A: { id: 1, fields: { a: { type: u8, since: 2, optional: true } } } }\n";
    for (default, ty) in [("0", "u8"), ("\"\"", "str<=4"), ("false", "bool"), ("7", "u8")] {
        let contract = contract.replace("u8", &format!("\"{ty}\""));
        let path = locked("optional", &contract, &contract);
        let lock = fs::read_to_string(path.with_extension("lock")).unwrap();
        let field = lock.lines().find(|line| line.contains(" field a = ")).unwrap();
        let given = format!("{field}\nmessage A field a default = {default}");
        fs::write(path.with_extension("lock"), lock.replace(field, &given)).unwrap();
        assert_eq!(codes(check(&path).unwrap_err().diagnostics()), ["MYC1113"], "{default}");
    }
}

#[test]
fn what_concerns_the_whole_schema_is_named_schema() {
    let path = locked(
        "schema",
        "schema: { name: a }\nmessages: {}\n",
        "schema: { name: b, version: 2, min_compatible: 2 }\nmessages: {}\n",
    );
    assert_eq!(codes(lock::write(&path, &[]).unwrap_err().diagnostics()), ["MYC1118"]);
    assert!(lock::write(&path, &["schema"]).unwrap().changed);
}

#[test]
fn wire_breaks_fail_the_check_and_other_changes_are_lints() {
    let then = "types:\n  It: { newtype: u64, doc: d }\nmessages:\n  Bar: { id: 1, doc: d, fields: { it: { type: It, doc: d } } }\n";
    let path = locked("check", then, &then.replace("It", "That").replace("id: 1", "id: 2"));
    let report = check(&path).unwrap_err();
    assert_eq!(codes(report.diagnostics()), ["MYC1101"]);
    assert_eq!(report.diagnostics()[0].category(), Some(Category::Wire));
    assert!(report.to_string().starts_with(&format!("{} breaks compatibility with ", path.display())), "{report}");
    let path = locked("lints", then, &then.replace("It", "That"));
    let found = lints(&path).unwrap();
    assert_eq!(found[0].category(), Some(Category::Source));
    assert!(!found[0].to_string().contains('\n'));
    assert!(found[0].to_string().contains("contracts.lock:"), "{}", found[0]);
    assert!(found[0].to_string().ends_with("[MYC1204 SOURCE]"), "{}", found[0]);
}

#[test]
fn a_contract_with_mistakes_is_neither_compared_nor_locked() {
    let path =
        locked("mistakes", "messages: { Bar: { id: 1, fields: {} } }", "messages: { Baz: { id: x, fields: {} } }");
    assert_eq!(codes(check(&path).unwrap_err().diagnostics()), ["MYC0009"]);
    assert_eq!(codes(lock::write(&path, &["Bar"]).unwrap_err().diagnostics()), ["MYC0009"]);
}

#[test]
fn a_lock_that_can_not_be_read_is_never_written_over() {
    let path = locked("unreadable", "messages: {}", "messages: {}");
    fs::write(path.with_extension("lock"), "format = 1\nthis is mine\n").unwrap();
    assert_eq!(codes(lock::write(&path, &[]).unwrap_err().diagnostics()), ["MYC0037"]);
    fs::write(path.with_extension("lock"), [b'f', 0xFF, 0xFE]).unwrap();
    assert_eq!(codes(lock::write(&path, &[]).unwrap_err().diagnostics()), ["MYC0037"]);
    fs::remove_file(path.with_extension("lock")).unwrap();
    assert!(lock::write(&path, &[]).unwrap().changed);
}

/// People merge locks: any text is read, or refused at its line.
#[test]
fn no_lock_panics_and_none_that_lacks_a_line_passes_for_whole() {
    let path = locked("mutated", THEN, THEN);
    let whole = fs::read_to_string(path.with_extension("lock")).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let with = |lines: &[&str]| {
        fs::write(path.with_extension("lock"), lines.join("\n")).unwrap();
        match lints(&path) {
            Ok(found) => found,
            Err(report) => report.diagnostics().to_vec(),
        }
    };
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(" = ")) {
        let mut without = lines.clone();
        without.remove(at);
        let found = with(&without);
        let is_told = found.iter().any(|found| found.code().starts_with("MYC1") || found.code() == "MYC0037");
        // What is said less of the past can't be missed: more may be reserved, deprecated or kept out of logs by now.
        let may_go = ["reserved", "redacted", "deprecated", "default = []", "side default = 2", "unit"]
            .iter()
            .any(|word| line.contains(word));
        assert!(is_told || may_go, "without `{line}`: {:?}", codes(&found));
        let (mut doubled, mut cut) = (lines.clone(), lines.clone());
        doubled.insert(at, line);
        with(&doubled);
        for end in (0..line.len()).step_by(12) {
            cut[at] = line.get(..end).unwrap_or_default();
            with(&cut);
        }
        for (from, to) in
            [(" = ", " = -"), (", ", ","), ("0x", "0xé"), ("1", "99999999999999999999"), ("field", "variant")]
        {
            let changed = line.replace(from, to);
            let mut other = lines.clone();
            other[at] = &changed;
            with(&other);
        }
    }
}

/// Each of these lines spans all ids. Comparing them id by id would take minutes.
#[test]
fn many_wide_reservations_take_no_longer_than_one() {
    let path = locked("wide", "messages: { Bar: { id: 7, fields: {} } }", "messages: { Bar: { id: 7, fields: {} } }");
    let lock = fs::read_to_string(path.with_extension("lock")).unwrap();
    let wide =
        lock.replace("\nmessage Bar = ", &format!("{}\nmessage Bar = ", "reserved id = 0-65535\n".repeat(2_000)));
    fs::write(path.with_extension("lock"), &wide).unwrap();
    let found = lints(&path).unwrap();
    let dropped = found.iter().filter(|found| found.code() == "MYC1302").count();
    assert_eq!(dropped, 2_000);
    assert!(found.iter().any(|found| found.message() == "65535 ids are no longer reserved, from 0 on"), "{}", found[0]);
    fs::write(path.with_extension("lock"), wide.replacen("0-65535", "9-8", 1)).unwrap();
    assert_eq!(codes(check(&path).unwrap_err().diagnostics()), ["MYC0037"]);
}

#[test]
fn two_contracts_are_compared_without_a_lock() {
    let folder = folder("diff");
    let (then, now) = (folder.join("then.yaml"), folder.join("now.yaml"));
    fs::write(&then, "schema: { name: m }\nmessages: { Bar: { id: 1, fields: { a: u64 } } }").unwrap();
    fs::write(&now, "schema: { name: m }\nmessages:\n  Bar: { id: 1, fields: { a: u32 } }").unwrap();
    let report = lock::diff(&then, &now).unwrap();
    let found = &report.diagnostics()[0];
    assert_eq!((found.code(), found.line(), found.related()[0].line), ("MYC1105", 3, 2));
    assert!(found.path().ends_with("now.yaml") && found.related()[0].path.ends_with("then.yaml"));
    assert!(lock::diff(&then, &then).unwrap().diagnostics().is_empty());
    assert_eq!(codes(lock::diff(&then, folder.join("none.yaml")).unwrap_err().diagnostics()), ["MYC0035"]);
    assert_eq!(codes(lock::diff(folder.join("none.lock"), &now).unwrap_err().diagnostics()), ["MYC0035"]);
}
