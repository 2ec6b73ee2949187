//! `docs/errors.md` has a section for every code, and its examples do what they say.

use std::fs;
use std::path::{Path, PathBuf};

use mycelium_codegen::{Diagnostic, lints, lock};

/// One section: a code, and its examples.
struct Section {
    code: String,
    bad: String,
    good: String,
    /// Other files that the bad example needs.
    others: Vec<(String, String)>,
}

impl Section {
    /// The contract that was locked.
    fn locked(&self) -> Option<&str> {
        self.others.iter().find(|(name, _)| name == "then.yaml").map(|(_, text)| text.as_str())
    }
}

fn sections() -> Vec<Section> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let text = fs::read_to_string(page).unwrap();
    text.split("\n### ").skip(1).map(section).collect()
}

fn section(text: &str) -> Section {
    let (code, rest) = text.split_once(": ").unwrap();
    let mut examples = Vec::new();
    let mut others = Vec::new();
    for block in rest.split("```yaml").skip(1) {
        let (name, block) = block.split_once('\n').unwrap();
        let (yaml, _) = block.split_once("```").unwrap();
        match name.trim() {
            "" => examples.push(yaml.to_owned()),
            name => others.push((name.to_owned(), yaml.to_owned())),
        }
    }
    let [bad, good] =
        <[String; 2]>::try_from(examples).unwrap_or_else(|found| panic!("{code}: {} examples", found.len()));
    Section { code: code.to_owned(), bad, good, others }
}

/// The codes of all findings in a file. Where the section has a locked contract, they are those that the lock is about.
fn codes(path: &Path, section: &Section) -> Vec<String> {
    let breaks = match section.code.as_str() {
        "MYC1004" => vec!["Bar"],
        "MYC1005" => vec!["Baz"],
        _ => Vec::new(),
    };
    let found = match lints(path) {
        _ if !breaks.is_empty() => match lock::write(path, &breaks) {
            Ok(written) => written.accepted,
            Err(report) => report.diagnostics().to_vec(),
        },
        Ok(lints) => lints,
        Err(report) => report.diagnostics().to_vec(),
    };
    let is_locked = section.locked().is_some();
    let is_about = |found: &&Diagnostic| !is_locked || found.code().starts_with("MYC1");
    found.iter().filter(is_about).map(|diagnostic| diagnostic.code().to_owned()).collect()
}

fn folder(code: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("errors").join(code);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Locks what the section says was locked, and checks a contract against it.
fn found(section: &Section, text: &str, is_good: bool) -> Vec<String> {
    let folder = folder(&section.code);
    let path = folder.join("contracts.yaml");
    for (name, text) in section.others.iter().filter(|(name, _)| !is_good || !name.ends_with(".lock")) {
        fs::write(folder.join(name), text).unwrap();
    }
    if let Some(then) = section.locked() {
        fs::write(&path, then).unwrap();
        let lock = lock::write(&path, &[]).unwrap_or_else(|report| panic!("{}: {report}", section.code)).path;
        if section.code == "MYC1117" && !is_good {
            let edited = fs::read_to_string(&lock).unwrap().replace(" 8 bytes", " 16 bytes");
            fs::write(lock, edited).unwrap();
        }
    }
    fs::write(&path, text).unwrap();
    if is_growth(&section.code) {
        let changes = lock::diff(path.with_extension("lock"), &path).unwrap();
        return changes.diagnostics().iter().map(|change| change.code().to_owned()).collect();
    }
    codes(&path, section)
}

/// Codes that only a comparison tells.
fn is_growth(code: &str) -> bool {
    ("MYC1309"..="MYC1316").contains(&code)
}

#[test]
fn every_example_gets_the_code_of_its_section_and_only_that() {
    for section in sections() {
        let is_lint = section.code.starts_with("MYC2");
        let bad = found(&section, &section.bad, false);
        // A new field comes with a new version.
        let others = |code: &&String| **code != section.code && !["MYC1308", "MYC1313"].contains(&code.as_str());
        assert_eq!(bad.iter().find(others), None, "{}: {bad:?}", section.code);
        assert_eq!(bad.iter().filter(|code| **code == section.code).count(), 1, "{}: {bad:?}", section.code);
        let good = found(&section, &section.good, true);
        let passes = |code: &String| match section.locked() {
            // What breaks nothing may be said of it, and of MYC1004 the break that is accepted.
            Some(_) => *code != section.code && (section.code == "MYC1004" || !code.starts_with("MYC11")),
            None => !is_lint && code.starts_with("MYC2"),
        };
        assert!(good.iter().all(passes), "{}: {good:?}", section.code);
    }
}

#[test]
fn every_code_has_a_section() {
    let source = include_str!("../../src/code.rs");
    let mut declared: Vec<&str> = source.split('"').filter(|word| word.starts_with("MYC") && word.len() == 7).collect();
    declared.sort_unstable();
    let documented: Vec<String> = sections().into_iter().map(|section| section.code).collect();
    assert_eq!(declared, documented);
}

#[test]
fn every_error_has_a_bad_contract() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let first_lines: String = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .map(|path| fs::read_to_string(path).unwrap().lines().next().unwrap_or_default().to_owned() + "\n")
        .collect();
    let has_one = |section: &&Section| !section.code.starts_with("MYC2") && section.locked().is_none();
    for section in sections().iter().filter(has_one) {
        assert!(first_lines.contains(&section.code), "no bad contract has {}", section.code);
    }
}

#[test]
fn the_guide_to_the_older_dialect_shows_contracts_that_are_valid() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/older-dialect.md");
    let text = fs::read_to_string(page).unwrap();
    let examples: Vec<&str> =
        text.split("```yaml\n").skip(1).filter_map(|block| Some(block.split_once("```")?.0)).collect();
    assert_eq!(examples.len(), 3);
    for (at, example) in examples.iter().enumerate() {
        let path = folder("older-dialect").join(format!("{at}.yaml"));
        fs::write(&path, example).unwrap();
        lints(&path).unwrap_or_else(|report| panic!("{report}"));
    }
}
