//! Runs the trading desk of the market example as three processes, and prints the result.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use mycelium_examples::market::files::Files;
use mycelium_examples::market::split::{self, Place, Role, Run, Via};

const HELP: &str = "\
Routes daily bars of two indices through a small trading desk of three processes, and prints the same result as `market`.

Usage: market-split [OPTIONS]

Options:
      --via PATH         how the processes are linked: shm, unix or tcp [default: shm]
      --sp500 FILE       daily bars of the S&P 500 [default: the example's data]
      --nasdaq FILE      daily bars of the NASDAQ Composite [default: the example's data]
      --hold             keep the desk running after its last bar until standard input ends, to inspect its processes
      --deadline SECONDS give up after this time, 1 to 86400 [default: 60]
  -h, --help             print this

The result goes to standard output, everything else to standard error.";

/// What to do.
enum Task {
    Help,
    Launch(Run),
    /// The role of a process that the program has started.
    Play(Role, Run, Place),
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(Task::Help) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Task::Launch(run)) => split::launch(&run).map_err(|error| format!("market-split: {error}")),
        Ok(Task::Play(role, run, place)) => {
            split::run(role, &run, &place).map_err(|error| format!("market-split: {role}: {error}"))
        }
        Err(error) => {
            eprintln!("market-split: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Task, lexopt::Error> {
    use lexopt::prelude::*;
    let mut run = Run { via: Via::Shm, files: Files::default(), deadline: Duration::from_secs(60), hold: false };
    let mut role = None;
    let mut place = Place { folder: PathBuf::new(), host: String::new() };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("via") => run.via = parser.value()?.parse_with(via)?,
            Long("sp500") => run.files.sp500 = parser.value()?.into(),
            Long("nasdaq") => run.files.nasdaq = parser.value()?.into(),
            Long("deadline") => run.deadline = parser.value()?.parse_with(seconds)?,
            Long("hold") => run.hold = true,
            Short('h') | Long("help") => return Ok(Task::Help),
            // Not for users: how the program starts itself.
            Long("role") => role = Some(parser.value()?.parse_with(|name| Role::of(name).ok_or("not a role"))?),
            Long("folder") => place.folder = parser.value()?.into(),
            Long("host") => place.host = parser.value()?.string()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(match role {
        Some(role) => Task::Play(role, run, place),
        None => Task::Launch(run),
    })
}

fn via(name: &str) -> Result<Via, &'static str> {
    Via::of(name).ok_or("`shm`, `unix` or `tcp` is needed")
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|&seconds| (1..=86_400).contains(&seconds));
    seconds.map(Duration::from_secs).ok_or("a whole number of seconds from 1 to 86400 is needed")
}
