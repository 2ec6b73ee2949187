//! The layers of this crate: a module uses only those that `lib.rs` declares before it.
//!
//! This test checks each path that begins at `crate`, outside of comments and tests. A name that the crate exports at its root counts as the
//! module that it comes from. A name that has moved may stay in its former place, by a `pub use` that says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules outside of the order: `private` re-exports from all others.
const OUTSIDE: [&str; 3] = ["layers", "modelling", "private"];

/// The part of `message` that needs `unsafe`, and for that reason is a module beside it.
const READING: (&str, &str) = ("reading", "message");

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The text without comments and without test modules.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    let mut was_former = false;
    while let Some(line) = lines.next() {
        let bare = line.split("//").next().unwrap_or_default();
        let begins_tests = bare.starts_with("#[cfg(") && bare.contains("test") && !bare.contains("not(all(test");
        if let Some(module) = lines.next_if(|next| begins_tests && next.contains("mod ")) {
            // Skips to the end of the module, which is not indented.
            let _ = (!module.ends_with(';')).then(|| lines.find(|line| *line == "}"));
        } else if !was_former {
            code.push_str(bare);
            code.push('\n');
        }
        was_former = line.contains("// Its former");
    }
    code
}

/// The first segments of the paths that begin at the crate.
fn roots(code: &str) -> Vec<String> {
    let name =
        |text: &str| text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|character| character == '$' || character == '_' || character.is_alphanumeric()) {
            continue;
        }
        let rest = code.get(at + "crate::".len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, character) in group.char_indices() {
                    match character {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        character if begins && !character.is_whitespace() => {
                            begins = false;
                            found.push(name(group.get(at..).unwrap_or_default()));
                        }
                        _ => {}
                    }
                }
            }
            None => found.push(name(rest)),
        }
    }
    found
}

/// What `lib.rs` declares: the modules in their order, and each exported name with its module.
fn declared() -> (Vec<String>, BTreeMap<String, String>) {
    let lib = code(&fs::read_to_string(sources().join("lib.rs")).unwrap());
    let module = |line: &str| {
        let rest = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?;
        Some(rest.trim_end_matches([';', '{', ' ']).to_owned())
    };
    let mut order: Vec<String> = Vec::new();
    for name in lib.lines().filter_map(module) {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    let mut exported = BTreeMap::new();
    for item in lib.split(';') {
        let Some((_, path)) = item.split_once("pub use ") else { continue };
        let (module, names) = path.split_once("::").unwrap_or((path, ""));
        for name in names.split(|character: char| !character.is_alphanumeric() && character != '_') {
            // A macro of another crate may bear the name of a module.
            if order.iter().any(|declared| declared == module) {
                exported.insert(name.to_owned(), module.to_owned());
            }
        }
    }
    (order, exported)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            found.extend(files(&path));
        } else if name.ends_with(".rs") && !matches!(&*name, "lib.rs" | "models.rs" | "tests.rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn each_module_uses_only_those_that_are_declared_before_it() {
    let (order, exported) = declared();
    let place = |name: &str| {
        let name = if name == READING.0 { READING.1 } else { name };
        order.iter().position(|module| module == name)
    };
    assert!(place("message") < place("routing") && place("routing") < place("lane"), "order in `lib.rs`: {order:?}");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files(&sources()) {
        let shown = file.strip_prefix(sources()).unwrap().display().to_string();
        let module = shown.split(['/', '\\', '.']).next().unwrap_or_default().to_owned();
        if OUTSIDE.contains(&&*module) {
            continue;
        }
        let here = place(&module).unwrap_or_else(|| panic!("`lib.rs` does not declare `{module}`"));
        for name in roots(&code(&fs::read_to_string(&file).unwrap())) {
            let used = exported.get(&name).unwrap_or(&name);
            let Some(there) = place(used) else { continue };
            seen += 1;
            if there > here {
                wrong.push(format!("{shown} uses `{used}`, which is declared after `{module}`"));
            }
        }
    }
    assert!(seen > 300, "only {seen} uses were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn uses_are_found_in_groups_and_paths() {
    let text = "use crate::{Config, wire::Hello};\n// crate::bus\nfn f(_: crate::lane::Left) { $crate::link::x() }\n#[cfg(test)]\nmod tests {\n    use crate::task;\n}\n";
    assert_eq!(roots(&code(text)), ["Config", "wire", "lane"]);
}

/// `__generated_by` has the version as text, since a pattern can't hold `env!`.
#[test]
fn generated_code_of_this_version_is_accepted() {
    let text = fs::read_to_string(sources().join("private.rs")).unwrap();
    let version = format!("($generator:literal, \"{}\") => {{}};", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "`__generated_by` in `private.rs` accepts another version");
}
