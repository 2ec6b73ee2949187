//! Random contracts: what is generated compiles, agrees with rustc on every offset, survives any bytes, and keeps its values
//! over bytes and from version to version.
//!
//! One run writes many contracts, each in two versions, into one crate, and runs that crate's checks. The seed is random and
//! printed; `MYCELIUM_SEED=N` repeats a run, `MYCELIUM_SCHEMAS=N` makes it longer or shorter.

mod program;
mod schema;
mod value;

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn random_contracts_hold_their_promises() {
    let seed = setting("MYCELIUM_SEED").unwrap_or_else(|| fastrand::u64(..));
    let schemas = setting("MYCELIUM_SCHEMAS").unwrap_or(16);
    println!("MYCELIUM_SEED={seed} MYCELIUM_SCHEMAS={schemas}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random-schemas");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();

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
    fs::write(folder.join("Cargo.toml"), program::manifest()).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("random-schemas-target"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "MYCELIUM_SEED={seed}\n{stderr}");
    assert_eq!(stderr, "", "generated code compiles without a warning; MYCELIUM_SEED={seed}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("checked {schemas} contracts"));
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("`{name}` is a number")))
}
