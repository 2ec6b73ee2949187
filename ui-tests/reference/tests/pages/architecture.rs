//! `ARCHITECTURE.md` names files that exist, and every module of the three main crates; its table of layers is that of the runtime,
//! and unsafe code is where it says.

use std::path::{Path, PathBuf};

use mycelium_reference::complain;
use mycelium_reference::page::{Page, Section};

/// What precedes the folder at which the paths of a section begin.
const BASE: &str = "Paths here begin at `";

/// The crates whose modules are named, each with the section that names them.
const CRATES: [(&str, &str); 3] = [
    ("mycelium-rt", "The layers of the runtime"),
    ("mycelium-codegen", "The way of a field"),
    ("mycelium-macros", "The way of a router"),
];

fn page() -> Page {
    Page::read("ARCHITECTURE.md")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether something in backticks is a path of this repository: it has a slash or the ending of a file, and no other sign.
fn is_path(code: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let is_file = [".md", ".rs"].iter().any(|ending| code.ends_with(ending));
    code.chars().all(is_plain) && (code.contains('/') || is_file)
}

/// The folder at which the paths of a section begin, if it says so.
fn base(section: &Section) -> Option<String> {
    section.prose.iter().find_map(|line| Some(line.split_once(BASE)?.1.split_once('`')?.0.to_owned()))
}

/// The sections, each with the folder at which its paths may begin: that of the part that it is in.
fn sections(page: &Page) -> Vec<(&Section, String)> {
    let mut folder = String::new();
    let with_base = |section| {
        match base(section) {
            Some(found) => folder = found,
            None if section.level <= 2 => folder.clear(),
            None => {}
        }
        (section, folder.clone())
    };
    page.sections.iter().map(with_base).collect()
}

#[test]
fn every_path_in_backticks_exists() {
    let (page, root) = (page(), repository());
    let mut seen = 0;
    let mut problems = Vec::new();
    for (section, folder) in sections(&page) {
        for path in section.inline_code().filter(|code| is_path(code)) {
            seen += 1;
            if !root.join(path).exists() && !root.join(&folder).join(path).exists() {
                problems.push(format!("{}, section `{}`: there is no `{path}`", page.path, section.title));
            }
        }
    }
    assert!(seen > 200, "only {seen} paths were found");
    complain(&problems);
}

/// A module of a crate, and the features that it needs.
#[derive(Debug, PartialEq)]
struct Module {
    name: String,
    features: Vec<String>,
}

/// What stands between quotes behind `feature = `, where a condition asks for it.
fn features(condition: &str) -> Vec<String> {
    condition.split("feature = \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

/// The modules that `lib.rs` declares at its top, in order. Of one that is declared twice, for models, the first counts.
fn modules(name: &str) -> Vec<Module> {
    let path = repository().join(name).join("src/lib.rs");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut modules: Vec<Module> = Vec::new();
    let mut conditions = Vec::new();
    for line in text.lines() {
        let bare = line.strip_prefix("pub ").unwrap_or(line);
        if line.starts_with("#[cfg(") {
            conditions.extend(features(line));
        } else if let Some(module) = bare.strip_prefix("mod ") {
            let name = module.trim_end_matches([';', '{', ' ']).to_owned();
            if modules.iter().all(|known| known.name != name) {
                modules.push(Module { name, features: std::mem::take(&mut conditions) });
            }
            conditions.clear();
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            conditions.clear();
        }
    }
    assert!(modules.len() >= 10, "{}: only {} modules were found", path.display(), modules.len());
    modules
}

/// Whether something in backticks names a module: by its name, or by a path that leads to it or into it.
fn names(code: &str, module: &str) -> bool {
    code.split(['/', ':']).any(|part| part.strip_suffix(".rs").unwrap_or(part) == module)
}

#[test]
fn every_module_of_the_main_crates_is_named() {
    let page = page();
    let mut problems = Vec::new();
    for (name, title) in CRATES {
        let part = page.part(title).unwrap_or_else(|| panic!("{} has no section `{title}`", page.path));
        let code: Vec<&str> = part.iter().flat_map(Section::inline_code).collect();
        let missing = modules(name).into_iter().filter(|module| !code.iter().any(|it| names(it, &module.name)));
        problems.extend(
            missing.map(|module| format!("{}, section `{title}`, lacks `{}` of {name}", page.path, module.name)),
        );
    }
    complain(&problems);
}

#[test]
fn the_table_of_layers_is_that_of_the_runtime() {
    let page = page();
    let [section, ..] = page.part(CRATES[0].1).expect("a section on layers") else { panic!("a section") };
    let in_backticks = |cell: &str| mycelium_reference::code(cell).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let rows = section.rows_below(&["module", "features"]);
    let told: Vec<Module> =
        rows.iter().map(|row| Module { name: in_backticks(row[0]).concat(), features: in_backticks(row[1]) }).collect();
    assert_eq!(told, modules(CRATES[0].0), "{}: the table of layers, and `mycelium-rt/src/lib.rs`", page.path);
}

/// The modules of the runtime that may contain unsafe code, as the invariants list them.
const UNSAFE: [&str; 5] = ["counters", "ring", "shared_memory", "reading", "sys"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn unsafe_code_is_where_the_invariants_say() {
    let page = page();
    let part = page.part("Invariants").expect("a section on invariants");
    let told = part.iter().flat_map(|section| &section.prose).find(|line| line.contains("no `unsafe` outside"));
    let told = told.unwrap_or_else(|| panic!("{} does not say where unsafe code is", page.path));
    assert!(UNSAFE.iter().all(|module| told.contains(&format!("`{module}`"))), "{told}");
    let root = repository().join("mycelium-rt/src");
    let mut problems = Vec::new();
    let mut found = 0;
    for path in sources(&root) {
        let text = std::fs::read_to_string(&path).expect("a source is text");
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        let count =
            lines.filter(|line| ["unsafe {", "unsafe impl", "unsafe fn"].iter().any(|it| line.contains(it))).count();
        let shown = path.strip_prefix(&root).expect("it is below").display().to_string();
        let module = shown.split(['/', '\\', '.']).next().unwrap_or_default();
        found += count;
        if count > 0 && !UNSAFE.contains(&module) {
            problems.push(format!("{shown} contains unsafe code"));
        }
    }
    assert!(found > 40, "only {found} uses were found");
    complain(&problems);
}

#[test]
fn paths_are_told_from_other_code() {
    for path in ["mycelium-rt/src/lib.rs", ".ci/run", "docs/", "README.md", "mod.rs"] {
        assert!(is_path(path), "{path}");
    }
    for code in ["contracts.yaml", "Config::quiet()", "$OUT_DIR/contracts.rs", "a / b", "routing::turn", "--via unix"] {
        assert!(!is_path(code), "{code}");
    }
}
