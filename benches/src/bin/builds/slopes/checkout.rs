//! A checkout of the repository, with the dependencies of programs built from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::super::run::{Outcome, run};
use super::super::tools::{Scratch, cargo, rustc, write};
use super::contracts;
use super::kind::{Kind, Size, Source};

/// A checkout whose runtime, macros and generator are built, and a crate of messages over them.
pub(super) struct Checkout {
    scratch: Scratch,
    runtime: PathBuf,
    messages: PathBuf,
}

/// Writes the generated code of a contract.
const GENERATE: &str = r#"fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (contract, output) = (arguments.next().ok_or("which contract?")?, arguments.next().ok_or("where to?")?);
    let text = mycelium_codegen::Builder::new().generate(contract).map_err(|report| report.to_string())?;
    Ok(std::fs::write(output, text)?)
}
"#;

const WORKSPACE: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"generate\", \"messages\"]\n\
                         [profile.dev]\ndebug = 0\nincremental = false\n";

/// The full path of a checkout, if it is one.
pub(super) fn find(root: &Path) -> Result<PathBuf, String> {
    let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
    let needed = ["Cargo.lock", "mycelium-rt/Cargo.toml", "mycelium-codegen/Cargo.toml"];
    match needed.into_iter().find(|path| !root.join(path).is_file()) {
        Some(missing) => {
            Err(format!("`{}` is not a checkout of this repository: it has no `{missing}`", root.display()))
        }
        None => Ok(root),
    }
}

impl Checkout {
    /// Builds a crate of messages `M1` to `M{messages}`, and its dependencies, from the repository at `root`.
    pub(super) fn prepare(root: &Path, name: &str, messages: usize) -> Result<Self, String> {
        let scratch = Scratch::new(name)?;
        let folder = scratch.path();
        lay_out(folder, root)?;
        let target = folder.join("target");
        cargo(folder, &target, &["build", "--offline", "--package", "generate"])?;
        generate(folder, &contracts::messages(messages), &folder.join("messages/src/lib.rs"))?;
        cargo(folder, &target, &["build", "--offline", "--package", "messages"])?;
        let (runtime, messages) = (library(folder, "mycelium_rt")?, library(folder, "messages")?);
        Ok(Self { scratch, runtime, messages })
    }

    /// Writes what is compiled, and returns its path.
    pub(super) fn write(&self, kind: Kind, size: Size) -> Result<PathBuf, String> {
        let path = self.scratch.path().join(format!("{}.rs", kind.name()));
        match kind.source(size) {
            Source::Program(text) => write(&path, &text)?,
            Source::Contract(contract) => generate(self.scratch.path(), &contract, &path)?,
        }
        Ok(path)
    }

    /// Checks a crate with rustc, with all dependencies built before.
    pub(super) fn compile(&self, source: &Path, crate_type: &str, timeout: Duration) -> Result<Outcome, String> {
        let folder = self.scratch.path();
        let external = |name: &str, path: &Path| format!("{name}={}", path.display());
        let mut command = Command::new(rustc());
        command.args([
            "--edition=2024",
            "--crate-type",
            crate_type,
            "--crate-name=program",
            "--emit=metadata",
            "-Awarnings",
        ]);
        command.arg("-o").arg(folder.join("program.rmeta"));
        command.arg("-L").arg(external("dependency", &dependencies(folder)));
        command.arg("--extern").arg(external("mycelium_rt", &self.runtime));
        command.arg("--extern").arg(external("messages", &self.messages));
        command.arg(source);
        run(&mut command, timeout, &folder.join("errors")).map_err(|error| format!("cannot run rustc: {error}"))
    }
}

fn lay_out(folder: &Path, repository: &Path) -> Result<(), String> {
    let package = |name: &str, dependency: &str| {
        let path = repository.join(dependency);
        format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n{dependency} = {{ path = \"{}\" }}\n",
            path.display()
        )
    };
    let lock = repository.join("Cargo.lock");
    let versions = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let files = [
        ("Cargo.toml", WORKSPACE.to_owned()),
        ("Cargo.lock", versions),
        ("generate/Cargo.toml", package("generate", "mycelium-codegen")),
        ("generate/src/main.rs", GENERATE.to_owned()),
        ("messages/Cargo.toml", package("messages", "mycelium-rt")),
        // Written when the generator is built, but cargo needs all members to exist before.
        ("messages/src/lib.rs", String::new()),
    ];
    files.iter().try_for_each(|(path, text)| write(&folder.join(path), text))
}

fn generate(folder: &Path, contract: &str, output: &Path) -> Result<(), String> {
    let path = folder.join("contract.yaml");
    write(&path, contract)?;
    let ran = Command::new(folder.join("target/debug/generate")).arg(path).arg(output).output();
    let ran = ran.map_err(|error| format!("cannot run the generator: {error}"))?;
    let said = String::from_utf8_lossy(&ran.stderr);
    if ran.status.success() { Ok(()) } else { Err(format!("the generator failed:\n{said}")) }
}

fn dependencies(folder: &Path) -> PathBuf {
    folder.join("target/debug/deps")
}

/// The library that cargo has built of a crate: the only one, because nothing was built there before.
fn library(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = dependencies(folder);
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (begin, end) = (format!("lib{name}-"), ".rlib");
    let is_it = |name: &str| name.starts_with(&begin) && name.ends_with(end);
    let mut paths = files.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths
        .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_it))
        .ok_or_else(|| format!("{}: there is no {begin}*{end}", folder.display()))
}
