//! Runs the trading desk of the market example on two lanes, and prints what it did.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mycelium_examples::market::files::Files;
use mycelium_examples::market::lanes;

const HELP: &str = "\
Routes daily bars of two indices through a small trading desk on two threads, and prints what it did: the same as `market`.

Usage: market-lanes [OPTIONS]

Options:
      --sp500 FILE     daily bars of the S&P 500 [default: the example's data]
      --nasdaq FILE    daily bars of the NASDAQ Composite [default: the example's data]
  -h, --help           print this

The result goes to standard output, everything else to standard error.";

fn main() -> ExitCode {
    let files = match arguments() {
        Ok(Some(files)) => files,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("market-lanes: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("market-lanes: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The files, or `None` where help was asked for.
fn arguments() -> Result<Option<Files>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut files = Files::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("sp500") => files.sp500 = parser.value()?.into(),
            Long("nasdaq") => files.nasdaq = parser.value()?.into(),
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(files))
}

fn run(files: &Files) -> Result<(), Box<dyn std::error::Error>> {
    let (bars, rejected) = files.read(|row| eprintln!("market-lanes: {row}"))?;
    let count = bars.len();
    let summary = lanes::run(bars)?;
    println!("bars {count} read, {rejected} bad rows skipped");
    println!("{summary}");
    Ok(())
}
