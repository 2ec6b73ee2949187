//! Runs the trading desk of the market example on two lanes, and prints the result.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mycelium_examples::market::files::Files;
use mycelium_examples::market::{hold, lanes};
use mycelium_examples::program;

const HELP: &str = "\
Routes daily bars of two indices through a small trading desk on two threads, and prints the same result as `market`.

Usage: market-lanes [OPTIONS]

Options:
      --sp500 FILE     daily bars of the S&P 500 [default: the example's data]
      --nasdaq FILE    daily bars of the NASDAQ Composite [default: the example's data]
      --hold           keep the desk running after its last bar until standard input ends, to inspect its processes
  -h, --help           print this

The result goes to standard output, everything else to standard error.";

struct Options {
    files: Files,
    hold: bool,
}

fn main() -> ExitCode {
    program::run("market-lanes", HELP, arguments(), run)
}

/// The options, or `None` where help was asked for.
fn arguments() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { files: Files::default(), hold: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("sp500") => options.files.sp500 = parser.value()?.into(),
            Long("nasdaq") => options.files.nasdaq = parser.value()?.into(),
            Long("hold") => options.hold = true,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let (bars, rejected) = options.files.read(|row| eprintln!("market-lanes: {row}"))?;
    let count = bars.len();
    let hold: Option<fn()> = options.hold.then_some(hold::until_input_ends);
    let summary = lanes::run(bars, hold)?;
    println!("bars {count} read, {rejected} bad rows skipped");
    println!("{summary}");
    Ok(())
}
