//! `docs/errors.md` has a section for every code, and its examples do what they say.

use std::fs;
use std::path::{Path, PathBuf};

use mycelium_codegen::lints;

/// One section: a code, and its examples.
struct Section {
    code: String,
    bad: String,
    good: String,
    /// Other files that the bad example needs.
    others: Vec<(String, String)>,
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

/// The codes of all findings in a file.
fn codes(path: &Path) -> Vec<String> {
    let found = match lints(path) {
        Ok(lints) => lints,
        Err(report) => report.diagnostics().to_vec(),
    };
    found.iter().map(|diagnostic| diagnostic.code().to_owned()).collect()
}

fn folder(code: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("errors").join(code);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn every_example_gets_the_code_of_its_section_and_only_that() {
    for section in sections() {
        let folder = folder(&section.code);
        for (name, text) in &section.others {
            fs::write(folder.join(name), text).unwrap();
        }
        let path = folder.join("contracts.yaml");
        fs::write(&path, &section.bad).unwrap();
        let found = codes(&path);
        let lint = section.code.starts_with("MYC2");
        assert!(found.iter().all(|code| *code == section.code), "{}: {found:?}", section.code);
        assert_eq!(found.len(), 1, "{}: {found:?}", section.code);
        fs::write(&path, &section.good).unwrap();
        let found = codes(&path);
        assert!(found.iter().all(|code| !lint && code.starts_with("MYC2")), "{}: {found:?}", section.code);
    }
}

#[test]
fn every_code_has_a_section() {
    let source = include_str!("../src/code.rs");
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
    for section in sections().iter().filter(|section| !section.code.starts_with("MYC2")) {
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
