//! The README's five-minute start, word for word: its blocks become a project in an empty folder, which must print what the
//! README says.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::compiler::cargo;

const README: &str = include_str!("../../../README.md");

/// The code block that follows the first line that starts with `opening`.
fn block_after(opening: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n{opening}")).unwrap_or_else(|| panic!("the README says `{opening}`"));
    let (_, block) = rest.split_once("```").expect("a block follows");
    let (_language, text) = block.split_once('\n').expect("a block has lines");
    text.split_once("```").expect("a block ends").0
}

/// Makes the project of the README with this contract, and runs `cargo` in it.
fn project(name: &str, contract: &str, command: &str) -> Output {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    // Two projects that share a target directory need two names; and the folder lies inside this repository's, whose
    // workspace it must not join.
    let manifest = block_after("`Cargo.toml`")
        .replace("../mycelium", repository.to_str().unwrap())
        .replace("\"hello\"", &format!("{name:?}"));
    fs::write(folder.join("Cargo.toml"), manifest + "\n[workspace]\n").unwrap();
    fs::write(folder.join("contracts.yaml"), contract).unwrap();
    fs::write(folder.join("build.rs"), block_after("`build.rs`")).unwrap();
    fs::write(folder.join("src/main.rs"), block_after("`src/main.rs`")).unwrap();
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    cargo(&folder).args([command, "--quiet", "--color", "never"]).output().unwrap()
}

#[test]
fn five_minute_start_runs_as_written() {
    let output = project("hello", block_after("`contracts.yaml`"), "run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block_after("`cargo run` prints"));
    assert_eq!(stderr, "", "a new user sees no warning");
}

#[test]
fn mistakes_in_the_contract_are_the_one_report_that_the_readme_shows() {
    let contract = block_after("`contracts.yaml`").replace("not_empty", "not_emty").replace("id: 2", "id: 1");
    let output = project("mistakes", &contract, "build");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let below = stderr.strip_prefix(block_after("Misspell")).unwrap_or_else(|| panic!("another report: {stderr}"));
    // What rustc and cargo add, which the README only mentions: its words depend on their versions.
    let ends = (below.lines().next().unwrap_or_default(), below.lines().last().unwrap_or_default());
    assert!(ends.0.starts_with(" --> ") && ends.0.ends_with("/out/contracts.rs:1:1"), "{below}");
    assert!(ends.1.starts_with("error: could not compile `mistakes`"), "{below}");
    assert_eq!(below.lines().filter(|line| line.starts_with("error")).count(), 1, "{below}");
}
