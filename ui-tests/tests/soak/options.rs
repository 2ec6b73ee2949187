//! What the command line says.

use std::time::Duration;

pub(crate) const HELP: &str = "\
Drives a router on lanes while handlers, sources and timers panic, handlers are slow, and links are cut, held up and robbed of
messages at random; and checks after each round that every message sent was handled or is counted as lost.

Usage: cargo test --release -p mycelium-ui-tests --test soak -- [OPTIONS]

Options:
      --seconds N    begin no new round after N seconds [default: 3]
      --seed S       the seed of the first round's plan [default: a random one]
      --verbose      print the ledger of each round, and each panic
  -h, --help         print this

Each round has a seed of its own, which is printed if it fails: `--seed S --seconds 0` plans the same round again. What the threads
make of it differs.";

/// What to do.
pub(crate) struct Options {
    pub(crate) time: Duration,
    pub(crate) seed: u64,
    pub(crate) verbose: bool,
}

/// What the command line asks for.
pub(crate) enum Asked {
    Run(Options),
    Help,
    /// Tests by another name.
    Nothing,
}

/// Reads the arguments, those included that `cargo test` passes to every test.
pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut options = Options { time: Duration::from_secs(3), seed: fastrand::u64(..), verbose: false };
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().ok_or_else(|| format!("`{argument}` wants a number behind it"))?;
            value.parse::<u64>().map_err(|_| format!("`{argument}` wants a whole number, not `{value}`"))
        };
        match argument.as_str() {
            "--seconds" => options.time = Duration::from_secs(number()?),
            "--seed" => options.seed = number()?,
            "--verbose" => options.verbose = true,
            "-h" | "--help" => return Ok(Asked::Help),
            "--quiet" | "-q" | "--nocapture" | "--no-capture" | "--exact" => {}
            "--test-threads" => drop(number()?),
            other if other.starts_with("--test-threads=") => {}
            other if other.starts_with('-') => return Err(format!("unknown option `{other}`, see `--help`")),
            filter if "soak".contains(filter) => {}
            _ => return Ok(Asked::Nothing),
        }
    }
    Ok(Asked::Run(options))
}
