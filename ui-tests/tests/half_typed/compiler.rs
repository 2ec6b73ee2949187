//! The compiler, with the crates that programs use.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What is called for each program.
pub(crate) struct Compiler {
    folder: PathBuf,
    /// The crates of messages and of the runtime.
    crates: Vec<String>,
}

impl Compiler {
    /// Builds what the programs use, in a folder of this name: the runtime with these features and no others, and a
    /// crate of the messages of a contract.
    pub(crate) fn new(name: &str, contract: &Path, features: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let messages = mycelium_codegen::Builder::new().generate(contract).unwrap();
        fs::write(folder.join("src/lib.rs"), messages).unwrap();
        let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        fs::write(folder.join("Cargo.toml"), manifest(repository, features)).unwrap();
        fs::copy(format!("{repository}/Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--message-format=json"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let built = String::from_utf8_lossy(&output.stdout).into_owned();
        let crates = ["mycelium_rt", "messages"].map(|name| format!("{name}={}", artifact(&built, name)));
        Self { folder, crates: crates.into() }
    }

    /// The first line of each error in a program.
    pub(crate) fn errors(&self, name: &str, program: &str) -> Vec<String> {
        let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "");
        let source = self.folder.join(format!("{name}_{thread}.rs"));
        fs::write(&source, program).unwrap();
        let output = Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".into()))
            .args([
                "--edition=2024",
                "--crate-type=lib",
                "--crate-name=program",
                "--emit=metadata",
                "--error-format=json",
            ])
            .args(["-Awarnings", "-o"])
            .arg(source.with_extension("rmeta"))
            .args(self.crates.iter().flat_map(|it| ["--extern", it]))
            .arg("-L")
            .arg(format!("dependency={}", self.folder.join("target/debug/deps").display()))
            .arg(&source)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        stderr.lines().filter_map(error).collect()
    }
}

fn manifest(repository: &str, features: &[&str]) -> String {
    format!(
        "[package]\nname = \"messages\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nmycelium-rt = {{ path = \"{repository}/mycelium-rt\", default-features = false, features = {features:?} }}\n"
    )
}

/// The file with the metadata of a crate, as cargo tells it.
fn artifact<'a>(built: &'a str, name: &str) -> &'a str {
    let is_it = |line: &&str| line.contains("compiler-artifact") && line.contains(&format!("\"name\":\"{name}\""));
    let line = built.lines().find(is_it).unwrap_or_else(|| panic!("cargo has built `{name}`: {built}"));
    line.split('"').find(|part| part.ends_with(".rmeta")).unwrap()
}

/// The first line of a diagnostic that is an error; the compiler's summary is none.
fn error(line: &str) -> Option<String> {
    // A message is rendered as its user reads it, which begins by its level.
    let rendered = line.split_once("\"rendered\":\"").map_or("", |(_, rendered)| rendered);
    let is_summary = rendered.starts_with("error: aborting due to");
    let text = rendered.split("\\n").take(2).collect::<Vec<_>>().join(" ");
    (rendered.starts_with("error") && !is_summary).then_some(text)
}
