//! Contracts with a mistake, each in a file named after it.
//!
//! The first line of every `bad/*.yaml` says which codes are expected and where; the rendering is in the `.stderr` beside
//! it. `BLESS=1 cargo test -p mycelium-codegen --test schemas bad_contracts` writes the renderings again; read the diff.

use std::fs;
use std::path::{Path, PathBuf};

/// Every case, sorted by name.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
    cases.sort();
    cases
}

/// `MYC0007 10:9` for each expected error.
fn expected(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let first = text.lines().next().unwrap_or_default();
    let list = first.strip_prefix("# expected: ").unwrap_or_else(|| panic!("{}: no `# expected: `", path.display()));
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn each_mistake_is_reported_at_its_place() {
    let cases = cases();
    assert!(cases.len() > 90, "only {} cases found", cases.len());
    let mut failures = Vec::new();
    for path in &cases {
        // Renderings must not depend on where the repository lies.
        let shown = PathBuf::from("tests/bad").join(path.file_name().unwrap());
        let Err(report) = mycelium_codegen::check(&shown) else {
            failures.push(format!("{}: no error", shown.display()));
            continue;
        };
        let found: Vec<String> =
            report.diagnostics().iter().map(|d| format!("{} {}:{}", d.code(), d.line(), d.column())).collect();
        if found != expected(path) {
            failures.push(format!("{}: expected {:?}, found {found:?}\n{report}", shown.display(), expected(path)));
        }
        compare(&path.with_extension("stderr"), &format!("{report}\n"), &mut failures);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n\n"));
}

fn compare(path: &Path, rendered: &str, failures: &mut Vec<String>) {
    if std::env::var_os("BLESS").is_some() {
        return fs::write(path, rendered).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    if committed != rendered {
        failures.push(format!("{} differs; it is now:\n{rendered}", path.display()));
    }
}
