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

/// Lints of examples that are kept short, and what a new version brings along.
const IDLE: [&str; 4] = ["MYC2001", "MYC2013", "MYC2011", "MYC1313"];

fn folder(page: &str, line: usize) -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference").join(page.replace('/', "-")).join(line.to_string());
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder in target/tmp");
    folder
}
