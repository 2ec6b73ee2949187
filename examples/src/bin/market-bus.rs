//! Runs the trading desk of the market example on a bus, each service on a task of its own, and prints the result.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mycelium_examples::market::files::Files;
use mycelium_examples::market::{bus, hold};
use mycelium_examples::program;
use tokio::runtime::Builder;

const HELP: &str = "\
Routes daily bars of two indices through a small trading desk on a bus, and prints the same result as `market`.

Usage: market-bus [OPTIONS]

Options:
      --threads N      threads of the tokio runtime, 1 to 64 [default: 2]
      --sp500 FILE     daily bars of the S&P 500 [default: the example's data]
      --nasdaq FILE    daily bars of the NASDAQ Composite [default: the example's data]
      --hold           keep the desk running after its last bar until standard input ends, to inspect its processes
  -h, --help           print this

The result goes to standard output, everything else to standard error.";

struct Options {
    files: Files,
    threads: usize,
    hold: bool,
}

fn main() -> ExitCode {
    program::run("market-bus", HELP, arguments(), run)
}

/// The options, or `None` where help was asked for.
fn arguments() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { files: Files::default(), threads: 2, hold: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("sp500") => options.files.sp500 = parser.value()?.into(),
            Long("nasdaq") => options.files.nasdaq = parser.value()?.into(),
            Long("threads") => options.threads = parser.value()?.parse_with(threads)?,
            Long("hold") => options.hold = true,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn threads(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|threads| (1..=64).contains(threads)).ok_or("a whole number from 1 to 64 is needed")
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let (bars, rejected) = options.files.read(|row| eprintln!("market-bus: {row}"))?;
    let tokio = Builder::new_multi_thread().worker_threads(options.threads).enable_time().build()?;
    let hold: Option<fn()> = options.hold.then_some(hold::until_input_ends);
    let summary = tokio.block_on(bus::run(&bars, hold))?;
    println!("bars {} read, {rejected} bad rows skipped", bars.len());
    println!("{summary}");
    Ok(())
}
