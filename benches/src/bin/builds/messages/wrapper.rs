//! This program as a wrapper of rustc: it runs rustc, and records the time.

use std::env;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

use super::super::run::Cpu;

/// The environment variable with the path of the log; if it is set, the program is a wrapper of rustc.
pub(in super::super) const LOG: &str = "MYCELIUM_BUILDS_RUSTC_LOG";

/// A compiled crate, and the CPU seconds of its rustc.
pub(super) struct Compiled {
    pub(super) name: String,
    pub(super) seconds: f64,
}

/// Runs the command in `arguments`, which is rustc with its arguments.
pub(in super::super) fn main(arguments: impl Iterator<Item = OsString>, log: &Path) -> ExitCode {
    match run(arguments.collect(), log) {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("builds, in the place of rustc: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<OsString>, log: &Path) -> io::Result<ExitStatus> {
    let (rustc, arguments) = arguments.split_first().ok_or_else(|| io::Error::other("which rustc?"))?;
    let status = Command::new(rustc).args(arguments).status()?;
    // It is the only child, and has waited for its own children.
    let seconds = Cpu::of_this_process()?.children;
    // Cargo also queries rustc, with no crate name or this one.
    if let Some(name) = crate_name(arguments).filter(|name| *name != "___") {
        let mut log = OpenOptions::new().create(true).append(true).open(log)?;
        log.write_all(format!("{name} {seconds}\n").as_bytes())?;
    }
    Ok(status)
}

fn crate_name(arguments: &[OsString]) -> Option<&str> {
    let place = arguments.iter().position(|argument| argument == "--crate-name")?;
    arguments.get(place + 1)?.to_str()
}

/// The records, in the order in which the compilations ended; the next run begins with an empty log.
pub(super) fn take(log: &Path) -> io::Result<Vec<Compiled>> {
    let text = fs::read_to_string(log)?;
    fs::remove_file(log)?;
    let compiled = |line: &str| {
        let (name, seconds) = line.split_once(' ')?;
        Some(Compiled { name: name.to_owned(), seconds: seconds.parse().ok()? })
    };
    let lines = text.lines().map(|line| compiled(line).ok_or_else(|| io::Error::other(format!("`{line}`"))));
    lines.collect()
}

/// The variables by which cargo starts this program instead of rustc.
pub(super) fn variables(log: &Path) -> io::Result<[(&'static str, OsString); 2]> {
    Ok([("RUSTC_WRAPPER", env::current_exe()?.into()), (LOG, log.into())])
}
