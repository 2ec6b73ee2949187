//! Every example of the reference: contracts are compiled, code runs against them, and mistakes have the code that the page says.
//! `build.rs` says how the tests come about; each is named after its line.

use std::path::{Path, PathBuf};

use mycelium_codegen::{Diagnostic, Report, lints, lock};

// Users include contracts where they like; a build script is compiled only; a contract without messages has nothing to match.
#[allow(dead_code)]
mod contracts {
    include!(concat!(env!("OUT_DIR"), "/contracts_examples.rs"));
}

#[allow(dead_code)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated_examples.rs"));
}

/// Checks that a contract has exactly these mistakes or lints; of changes, compared with the contract before.
fn assert_codes(page: &str, line: usize, before: &str, text: &str, codes: &[&str]) {
    let folder = folder(page, line);
    let path = folder.join("contracts.yaml");
    let is_change =
        codes.iter().any(|code| code.starts_with("MYC11") || code.starts_with("MYC12") || code.starts_with("MYC13"));
    if is_change {
        let then = folder.join("then").join("contracts.yaml");
        std::fs::create_dir_all(folder.join("then")).expect("a folder in target/tmp");
        std::fs::write(&then, before).expect("a file in target/tmp");
        std::fs::write(&path, text).expect("a file in target/tmp");
        let changes = lock::diff(&then, &path).unwrap_or_else(|report| panic!("{page}:{line}: {report}"));
        return compare(page, line, codes, changes.diagnostics());
    }
    std::fs::write(&path, text).expect("a file in target/tmp");
    match lints(&path) {
        Ok(found) => compare(page, line, codes, &found),
        Err(report) => compare(page, line, codes, errors(&report)),
    }
}

fn errors(report: &Report) -> &[Diagnostic] {
    report.diagnostics()
}

fn compare(page: &str, line: usize, expected: &[&str], found: &[Diagnostic]) {
    let is_told = |code: &&str| expected.contains(code) || !IDLE.contains(code);
    let mut codes: Vec<&str> = found.iter().map(Diagnostic::code).filter(is_told).collect();
    codes.dedup();
    let report: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(codes, expected, "{page}:{line}: {report:#?}");
}

/// Lints of good examples, by page and section: of rules that zero breaks (MYC2019), without which the example would need a default
/// that it is not about; of a deprecation without a reason (MYC2014), and of keys without effect (MYC2003), which are shown.
const SHOWN: [(&str, &str, &str); 15] = [
    ("docs/contracts.md", "deprecated", "MYC2014"),
    ("docs/contracts.md", "min", "MYC2019"),
    ("docs/contracts.md", "not_zero", "MYC2019"),
    ("docs/contracts.md", "not_empty", "MYC2019"),
    ("docs/contracts.md", "validation", "MYC2019"),
    ("docs/contracts.md", "min_length", "MYC2019"),
    ("docs/contracts.md", "The older dialect", "MYC2003"),
    ("docs/contracts.md", "The older dialect", "MYC2019"),
    ("docs/generated.md", "A message", "MYC2019"),
    ("docs/generated.md", "Text", "MYC2019"),
    ("docs/generated.md", "Arrays", "MYC2019"),
    ("docs/generated.md", "A newtype over a number", "MYC2019"),
    ("docs/generated.md", "A newtype over a wide integer", "MYC2019"),
    ("docs/generated.md", "A newtype over an array or a declared type", "MYC2019"),
    ("docs/generated.md", "Names", "MYC2019"),
];

/// People copy examples: one that is as it should be has no lint, but for those that it is about.
#[test]
fn good_examples_have_no_lints() {
    let pages = [("docs/contracts.md", contracts::CONTRACTS), ("docs/generated.md", generated::CONTRACTS)];
    let mut problems = Vec::new();
    let mut shown = Vec::new();
    for (page, examples) in pages {
        assert!(examples.len() >= 20, "{page}: {examples:?}");
        for (section, line, path) in examples {
            let found = lints(path).unwrap_or_else(|report| panic!("{page}:{line}: {report}"));
            for lint in found.iter().filter(|lint| !IDLE.contains(&lint.code())) {
                let this = (page, *section, lint.code());
                if SHOWN.contains(&this) {
                    shown.extend(SHOWN.iter().filter(|entry| **entry == this));
                } else {
                    problems.push(format!("{page}:{line}, section `{section}`: {lint}"));
                }
            }
        }
    }
    let idle = SHOWN.iter().filter(|entry| !shown.contains(entry));
    problems.extend(idle.map(|(page, section, code)| format!("{page}, section `{section}`, no longer shows {code}")));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Lints of examples that are kept short, and what a new version brings along.
const IDLE: [&str; 4] = ["MYC2001", "MYC2013", "MYC2011", "MYC1313"];

fn folder(page: &str, line: usize) -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference").join(page.replace('/', "-")).join(line.to_string());
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder in target/tmp");
    folder
}
