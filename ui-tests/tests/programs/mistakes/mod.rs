//! What users read when they use macros and messages wrongly: each case is one mistake, named after it, beside the compiler's
//! whole output. `BLESS=1 cargo test -p mycelium-ui-tests --test programs mistakes` rewrites the outputs.

mod output;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use crate::compiler::{Compiler, FEATURES};

/// The compiler for all tests.
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| {
    let folder = env!("CARGO_MANIFEST_DIR");
    let others = [("contracts", format!("{folder}/../contracts")), ("mycelium-ui-tests", folder.to_owned())];
    Compiler::with("mistakes-in-programs", &others, FEATURES)
});

#[test]
fn mistakes_in_services() {
    check("service");
}

#[test]
fn mistakes_in_routers() {
    check("router");
}

#[test]
fn mistakes_in_paths() {
    check("paths");
}

#[test]
fn mistakes_in_lanes() {
    check("lanes");
}

#[test]
fn mistakes_with_messages() {
    check("message");
}

#[test]
fn mistakes_on_a_bus() {
    check("bus");
}

/// Tells all cases of a folder whose output is not the one beside it.
fn check(folder: &str) {
    let mut wrong = String::new();
    let cases = cases(folder);
    for case in &cases {
        let (compiles, output) = COMPILER.output(Path::new(env!("CARGO_MANIFEST_DIR")), case);
        let output = output::normalized(&output, case);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(case).with_extension("stderr");
        if env::var_os("BLESS").is_some() {
            fs::write(&file, &output).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if compiles {
            wrong.push_str(&format!("{} compiles\n\n", case.display()));
        } else if output != expected {
            wrong.push_str(&format!("{}\nexpected:\n{expected}\nfound:\n{output}\n", case.display()));
        }
    }
    assert!(!cases.is_empty());
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The programs of a folder, as paths from the package's.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("cases").join(folder);
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder)).unwrap();
    let paths = entries.map(|entry| folder.join(entry.unwrap().file_name()));
    let mut cases: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect();
    cases.sort();
    cases
}
