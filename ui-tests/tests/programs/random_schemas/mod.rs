//! Random contracts: what is generated compiles, agrees with rustc on every offset, survives any bytes, and keeps its values
//! over bytes and from version to version.
//!
//! One run writes many contracts, each in two versions, into one crate, and runs that crate's checks. The seed is random and
//! printed; `MYCELIUM_SEED=N` repeats a run, `MYCELIUM_SCHEMAS=N` makes it longer or shorter.
//!
//! A second test does the same with contracts before and after one change: what is known of the change, what the comparison
//! of the contracts says, and what the bytes of the two programs do must be one.
//!
//! A third test puts random rules on fields.

mod change;
mod evolution;
mod program;
mod rules;
mod schema;
mod value;

use std::fs;
use std::path::{Path, PathBuf};

use change::CHANGES;
use evolution::Case;
use mycelium_codegen::Category;
use rules::Ruled;

use crate::compiler::cargo;

#[test]
fn random_contracts_hold_their_promises() {
    let seed = seed();
    let schemas = setting("MYCELIUM_SCHEMAS").unwrap_or(16);
    println!("MYCELIUM_SEED={seed} MYCELIUM_SCHEMAS={schemas}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = folder("random-schemas");

    let mut modules = String::new();
    let mut calls = String::new();
    for number in 0..schemas {
        let old = schema::Schema::random(&mut random);
        let new = old.evolved(&mut random);
        for (version, schema) in [("old", &old), ("new", &new)] {
            let name = format!("{version}_{number}");
            let yaml = folder.join(format!("{name}.yaml"));
            fs::write(&yaml, schema.yaml()).unwrap();
            let text = mycelium_codegen::Builder::new().generate(&yaml).unwrap_or_else(|report| {
                panic!("seed {seed}: a valid contract is refused\n{report}\n{}", schema.yaml())
            });
            fs::write(folder.join(format!("src/{name}.rs")), text).unwrap();
            modules.push_str(&format!("mod {name};\n"));
        }
        fs::write(folder.join(format!("src/check_{number}.rs")), program::checks(number, &old, &new, &mut random))
            .unwrap();
        modules.push_str(&format!("mod check_{number};\n"));
        calls.push_str(&format!("    check_{number}::run();\n"));
    }
    fs::write(folder.join("src/main.rs"), program::main(&modules, &calls, seed)).unwrap();
    let output = run(&folder, "random-schemas", seed);
    assert_eq!(output.trim(), format!("checked {schemas} contracts"));
}

#[test]
fn random_changes_do_to_bytes_what_the_comparison_says() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = folder("random-evolution");
    let cases: Vec<Case> = CHANGES.iter().map(|change| Case::random(change, &mut random)).collect();
    for (number, case) in cases.iter().enumerate() {
        let name = case.change.name;
        let paths = [("old", &case.change.old), ("new", &case.change.new)].map(|(version, part)| {
            let path = folder.join(format!("{version}_{number}.yaml"));
            fs::write(&path, case.yaml(part)).unwrap();
            let text = mycelium_codegen::Builder::new().generate(&path);
            let text = text.unwrap_or_else(|report| panic!("{name}, seed {seed}:\n{report}"));
            fs::write(folder.join(format!("src/{version}_{number}.rs")), text).unwrap();
            path
        });
        let changes = mycelium_codegen::lock::diff(&paths[0], &paths[1]).unwrap();
        let breaks = changes.diagnostics().iter().any(|change| change.category() == Some(Category::Wire));
        assert_eq!(!breaks, case.change.compatible, "{name}, seed {seed}:\n{changes}\n{}", case.yaml(&case.change.old));
        fs::write(folder.join(format!("src/case_{number}.rs")), case.checks(number, &mut random)).unwrap();
    }
    fs::write(folder.join("src/main.rs"), evolution::main(cases.len())).unwrap();

    let output = run(&folder, "random-evolution", seed);
    let expected: Vec<String> =
        cases.iter().enumerate().map(|(number, case)| format!("{number} {}", case.change.compatible)).collect();
    let found: Vec<&str> = output.lines().collect();
    for ((case, expected), found) in cases.iter().zip(&expected).zip(&found) {
        assert_eq!(expected, found, "{}, seed {seed}, bytes against comparison", case.change.name);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn random_rules_hold_whichever_way_leads_to_a_message() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = folder("random-rules");
    let messages: Vec<Ruled> = (0..24).map(|_| Ruled::random(&mut random)).collect();
    for (name, with_rules) in [("ruled", true), ("plain", false)] {
        let (path, yaml) = (folder.join(format!("{name}.yaml")), Ruled::yaml(&messages, with_rules));
        fs::write(&path, &yaml).unwrap();
        let text = mycelium_codegen::Builder::new().generate(&path);
        let text = text.unwrap_or_else(|report| panic!("seed {seed}:\n{report}\n{yaml}"));
        for (number, message) in messages.iter().enumerate().filter(|_| with_rules) {
            let has_default = text.contains(&format!("impl ::core::default::Default for Message{number} "));
            assert_eq!(has_default, message.has_default(), "Message{number}, seed {seed}\n{yaml}");
        }
        fs::write(folder.join(format!("src/{name}.rs")), text).unwrap();
    }
    fs::write(folder.join("src/main.rs"), rules::main(&messages, &mut random)).unwrap();
    let output = run(&folder, "random-rules", seed);
    assert_eq!(output.trim(), format!("checked {} messages", messages.len()));
}

fn seed() -> u64 {
    let seed = setting("MYCELIUM_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("MYCELIUM_SEED={seed}");
    seed
}

/// The folder of a crate that is about to be written.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    folder
}

/// Builds and runs a crate whose sources are written. Gives what it printed.
fn run(folder: &Path, name: &str, seed: u64) -> String {
    fs::write(folder.join("Cargo.toml"), program::manifest(name)).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let output = cargo(folder).args(["run", "--quiet"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "MYCELIUM_SEED={seed}\n{stderr}");
    assert_eq!(stderr, "", "generated code compiles without a warning; MYCELIUM_SEED={seed}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("`{name}` is a number")))
}
