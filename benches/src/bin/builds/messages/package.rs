//! A package of messages, with its dependencies built, and the time of `cargo check`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::run::{Cpu, Outcome, run};
use super::super::tools::{cargo, cargo_command, failed, write};
use super::texts::Project;
use super::wrapper;

/// Longer than any build of one package.
const TIMEOUT: Duration = Duration::from_secs(3_600);

/// A package of messages whose dependencies are built.
pub(super) struct Package {
    /// The folder of the project.
    folder: PathBuf,
    /// Of the package, and of its library.
    name: &'static str,
}

/// The time to check a package, in CPU seconds.
pub(super) struct Cost {
    /// Rustc for the library.
    pub(super) check: f64,
    /// Everything that cargo has started: rustc for the build script and the linker, the script itself, and rustc for the library.
    pub(super) package: f64,
    /// Rustc for the build script, and the linker.
    script: f64,
}

impl Package {
    /// Writes the project into a folder of its own in `scratch`, where projects share dependencies, and builds these.
    pub(super) fn prepare(scratch: &Path, project: &Project) -> Result<Self, String> {
        let folder = scratch.join(project.folder);
        for (path, text) in &project.files {
            write(&folder.join(path), text)?;
        }
        let package = Self { folder, name: project.package };
        if project.fetched {
            cargo(&package.folder, &package.target(), &["fetch", "--locked"])?;
        }
        package.check()?;
        Ok(package)
    }

    /// The time to check the package alone.
    pub(super) fn cost(&self) -> Result<Cost, String> {
        cargo(&self.folder, &self.target(), &["clean", "--offline", "--package", self.name])?;
        let (cpu, compiled) = self.check()?;
        match &compiled[..] {
            [script, library] if script.name.starts_with("build_script_") && library.name == self.name => {
                Ok(Cost { check: library.seconds, package: cpu.children, script: script.seconds })
            }
            others => {
                let names: Vec<&str> = others.iter().map(|one| &*one.name).collect();
                Err(format!(
                    "{}: expected a build script and `{}`, but cargo compiled {names:?}",
                    self.folder.display(),
                    self.name
                ))
            }
        }
    }

    fn check(&self) -> Result<(Cpu, Vec<wrapper::Compiled>), String> {
        let log = self.folder.join("rustc.log");
        let told = |error| format!("{}: {error}", self.folder.display());
        let arguments = ["check", "--offline", "--package", self.name];
        let mut command = cargo_command(&self.folder, &self.target(), &arguments);
        command.envs(wrapper::variables(&log).map_err(told)?);
        // Cargo sets it for crates from a registry, such as one of the peers.
        command.env("RUSTFLAGS", "--cap-lints=allow").env("CARGO_INCREMENTAL", "0");
        match run(&mut command, TIMEOUT, &self.folder.join("errors")).map_err(told)? {
            Outcome::Took(cpu) => Ok((cpu, wrapper::take(&log).map_err(told)?)),
            Outcome::Failed(said) => Err(failed(&self.folder, &arguments, &said)),
            Outcome::Stopped => Err(failed(&self.folder, &arguments, "it did not end")),
        }
    }

    fn target(&self) -> PathBuf {
        self.folder.with_file_name("target")
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, package, script } = self;
        let run = package - script - check;
        write!(f, "{package:.2} s (build script {script:.2}, its run {run:.2}, library {check:.2})")
    }
}
