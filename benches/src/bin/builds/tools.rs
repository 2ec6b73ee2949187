//! Cargo, a temporary folder, and the format of figures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mycelium_benches::samples::Spread;

/// The folder of the repository.
pub(super) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a workspace")
}

/// The compiler of builds: the one that belongs to the cargo that runs them.
pub(super) fn rustc() -> PathBuf {
    let beside_cargo = Path::new(env!("CARGO")).with_file_name("rustc");
    let asked_for = std::env::var_os("RUSTC").map(PathBuf::from);
    asked_for.unwrap_or_else(|| if beside_cargo.is_file() { beside_cargo } else { "rustc".into() })
}

/// A folder for one measurement, removed at its end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(name: &str) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("mycelium-builds-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a file, and makes its parent folders.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// A figure with its range, such as `1.5 s (1.4–1.7)`.
pub(super) fn seconds(it: Spread, digits: usize) -> String {
    format!("{:.digits$} s ({:.digits$}–{:.digits$})", it.median, it.low, it.high)
}

/// The same of a ratio.
pub(super) fn ratio(it: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", it.median, it.low, it.high)
}

/// Runs cargo in `folder` with the target folder `target`, and returns how long it took.
pub(super) fn cargo(folder: &Path, target: &Path, arguments: &[&str]) -> Result<Duration, String> {
    let start = Instant::now();
    let output = cargo_command(folder, target, arguments).output();
    let output = output.map_err(|error| format!("cannot run cargo: {error}"))?;
    let time = start.elapsed();
    if output.status.success() {
        return Ok(time);
    }
    Err(failed(folder, arguments, &String::from_utf8_lossy(&output.stderr)))
}

/// The same, not run yet.
pub(super) fn cargo_command(folder: &Path, target: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    // Variables that cargo has set for this program must not reach the measured builds.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO")) {
        if name != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
    command.args(arguments).arg("--quiet").current_dir(folder).env("CARGO_TARGET_DIR", target).env("RUSTC", rustc());
    command
}

/// The text for a failure of cargo.
pub(super) fn failed(folder: &Path, arguments: &[&str], said: &str) -> String {
    format!("`cargo {}` in {} failed:\n{said}", arguments.join(" "), folder.display())
}
