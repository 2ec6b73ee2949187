//! The compiler, with the crates that programs use.
//!
//! All programs are built in the target folder of these tests, as are the projects that the tests of `init` make. With the same
//! profile, dependencies are built only once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Cargo, in the folder of a package. It builds without debug information, as dependencies of these tests are built: the programs
/// share them, and nobody debugs the programs.
pub(crate) fn cargo(package: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(package)
        .env("CARGO_TARGET_DIR", built())
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    // Cargo sets these for the tests of this package. Some build scripts run again if they differ.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text == "OUT_DIR" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Where cargo builds.
pub(crate) fn built() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// Compiles programs, each by one call of a tool such as rustc.
pub(crate) struct Compiler {
    folder: PathBuf,
    /// The crates of messages and of the runtime.
    crates: Vec<String>,
}

/// All features of the runtime. Tests that do not depend on features use this set, since each set is another build.
pub(crate) const FEATURES: &[&str] = &["default", "tls", "tokio"];

impl Compiler {
    /// Builds the crates that the programs use, in a folder of this name: the runtime with exactly these features, and a crate with the
    /// messages of a contract.
    pub(crate) fn new(name: &str, contract: &Path, features: &[&str]) -> Self {
        let messages = mycelium_codegen::Builder::new().generate(contract).unwrap();
        Self::of(name, &messages, &manifest(name, &[], features), &["mycelium_rt", "messages"])
    }

    /// Builds the runtime with these features, and `others`: the names and paths of packages.
    pub(crate) fn with(name: &str, others: &[(&str, String)], features: &[&str]) -> Self {
        let crates: Vec<String> = others.iter().map(|(name, _)| name.replace('-', "_")).collect();
        let crates: Vec<&str> = crates.iter().map(String::as_str).chain(["mycelium_rt"]).collect();
        Self::of(name, "", &manifest(name, others, features), &crates)
    }

    fn of(name: &str, library: &str, manifest: &str, crates: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/lib.rs"), library).unwrap();
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::copy(format!("{REPOSITORY}/Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let output = cargo(&folder).args(["check", "--quiet", "--message-format=json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let built = String::from_utf8_lossy(&output.stdout).into_owned();
        let crates = crates.iter().map(|name| format!("{name}={}", artifact(&built, name)));
        Self { crates: crates.collect(), folder }
    }

    /// The first two lines of each error in a program.
    pub(crate) fn errors(&self, name: &str, program: &str) -> Vec<String> {
        let first_lines = |error: &String| error.lines().take(2).collect::<Vec<_>>().join(" ");
        self.whole_errors(name, program).iter().map(first_lines).collect()
    }

    /// Each error in a program, as a user reads it.
    pub(crate) fn whole_errors(&self, name: &str, program: &str) -> Vec<String> {
        let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "");
        let source = self.folder.join(format!("{name}_{thread}.rs"));
        fs::write(&source, program).unwrap();
        let output = self
            .rustc()
            .args(["--crate-type=lib", "--crate-name=program", "--error-format=json", "-Awarnings", "-o"])
            .arg(source.with_extension("rmeta"))
            .arg(&source)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        stderr.lines().filter_map(error).collect()
    }

    /// Whether a program compiles, and the whole output. Paths in it are relative to `folder`.
    pub(crate) fn output(&self, folder: &Path, program: &Path) -> (bool, String) {
        let name = program.file_stem().unwrap().to_str().unwrap();
        let output = self
            .rustc()
            .args([
                "--crate-type=bin",
                "--crate-name=program",
                "--verbose",
                "--diagnostic-width=140",
                "-Adead_code",
                "-o",
            ])
            .arg(self.folder.join(name).with_extension("rmeta"))
            .arg(program)
            .current_dir(folder)
            // Cargo sets this. rustc words some errors for users of cargo if it is set.
            .env("CARGO_CRATE_NAME", "program")
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    fn rustc(&self) -> Command {
        let mut rustc = self.tool("RUSTC", "rustc");
        rustc.arg("--emit=metadata");
        rustc
    }

    /// rustdoc for a program.
    pub(crate) fn rustdoc(&self) -> Command {
        self.tool("RUSTDOC", "rustdoc")
    }

    /// The tool that `cargo clippy` calls for a program.
    pub(crate) fn clippy(&self) -> Command {
        let beside = Path::new(env!("CARGO")).with_file_name("clippy-driver");
        let mut clippy =
            self.with_crates(Command::new(if beside.exists() { &beside } else { Path::new("clippy-driver") }));
        clippy.arg("--emit=metadata");
        clippy
    }

    fn tool(&self, variable: &str, name: &str) -> Command {
        self.with_crates(Command::new(env::var(variable).unwrap_or_else(|_| name.into())))
    }

    fn with_crates(&self, mut tool: Command) -> Command {
        tool.arg("--edition=2024")
            .args(self.crates.iter().flat_map(|it| ["--extern", it]))
            .arg("-L")
            .arg(format!("dependency={}", built().join("debug/deps").display()));
        tool
    }
}

/// The folder of the workspace.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The package is called `name`, since crates of several workspaces in one target folder need different names.
///
/// Its build script, of which there is none to build, may use a runtime with all features. Cargo builds the macros once for both, and what
/// is on in one must not reach the other. It also gives the macros the same dependencies with each set of features, so that they are built
/// once.
fn manifest(name: &str, others: &[(&str, String)], features: &[&str]) -> String {
    let others = others.iter().map(|(name, path)| format!("{name} = {{ path = {path:?} }}\n"));
    let runtime = |features: &[&str]| {
        let path = format!("{REPOSITORY}/mycelium-rt");
        format!("mycelium-rt = {{ path = {path:?}, default-features = false, features = {features:?} }}\n")
    };
    format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[lib]\nname = \"messages\"\n\n\
         [build-dependencies]\n{}\n[dependencies]\n{}{}",
        runtime(FEATURES),
        runtime(features),
        others.collect::<String>()
    )
}

/// The file with the metadata of a crate, from the output of cargo.
fn artifact<'a>(built: &'a str, name: &str) -> &'a str {
    let is_it = |line: &&str| line.contains("compiler-artifact") && line.contains(&format!("\"name\":\"{name}\""));
    let line = built.lines().find(is_it).unwrap_or_else(|| panic!("cargo has built `{name}`: {built}"));
    line.split('"').find(|part| part.ends_with(".rmeta")).unwrap()
}

/// The text of a diagnostic that is an error and not the compiler's summary.
fn error(line: &str) -> Option<String> {
    // The rendered text of a diagnostic begins with its level.
    let rendered = line.split_once("\"rendered\":\"").map_or("", |(_, rendered)| rendered);
    let is_summary = rendered.starts_with("error: aborting due to");
    let text = rendered.replace("\\n", "\n").replace("\\\"", "\"");
    (rendered.starts_with("error") && !is_summary).then_some(text)
}
