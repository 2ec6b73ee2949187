//! Routes twenty years of daily bars of two indices through a small trading desk, and prints the result.
#![forbid(unsafe_code)]

use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use contracts::Bar;
use mycelium_examples::market::files::Files;
use mycelium_examples::market::hold;
use mycelium_examples::market::router::{Market, desk};
use mycelium_examples::market::summary::Summary;
use mycelium_examples::program;
use mycelium_rt::routing::print_routes;

const HELP: &str = "\
Routes daily bars of two indices through a small trading desk, and prints the result.

Usage: market [OPTIONS]

Options:
      --sp500 FILE     daily bars of the S&P 500 [default: the example's data]
      --nasdaq FILE    daily bars of the NASDAQ Composite [default: the example's data]
      --routes         print the routes, for `mycelium graph` and `mycelium docs`, and do nothing else
      --runs N         measure the route cost as the median of N runs, 1 or more [default: 101]
      --hold           keep the desk running after its last bar until standard input ends, to inspect its processes
  -h, --help           print this

A file is CSV with the columns Date (M/D/YYYY), Open, High, Low, Close and Volume. Bad rows are reported on standard error
with their line, counted and skipped.";

struct Options {
    files: Files,
    runs: usize,
    routes: bool,
    hold: bool,
}

fn main() -> ExitCode {
    program::run("market", HELP, arguments(), |options| if options.routes { routes() } else { run(options) })
}

/// The options, or `None` where help was asked for.
fn arguments() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { files: Files::default(), runs: 101, routes: false, hold: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("sp500") => options.files.sp500 = parser.value()?.into(),
            Long("nasdaq") => options.files.nasdaq = parser.value()?.into(),
            Long("routes") => options.routes = true,
            Long("hold") => options.hold = true,
            Long("runs") => options.runs = parser.value()?.parse_with(positive)?,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&runs| runs > 0).ok_or_else(|| "a whole number from 1 is needed".to_owned())
}

fn routes() -> Result<(), Box<dyn Error>> {
    print_routes::<Market>().map_err(|error| format!("can't print: {error}").into())
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let (bars, rejected) = options.files.read(|row| eprintln!("market: {row}"))?;
    let market = route(&bars);
    let summary = Summary::of(&market.ledger, &market.report);
    println!("bars {} read, {rejected} bad rows skipped", bars.len());
    println!("{summary}");
    let errors = market.stats().handler_errors;
    if errors > 0 {
        eprintln!("market: {errors} handler errors");
    }
    if options.hold {
        hold::until_input_ends();
    }
    let per_run = median_run(&bars, options.runs);
    let messages = summary.report.total().max(1);
    let nanoseconds = per_run.as_nanos() as f64 / messages as f64;
    println!("route cost {nanoseconds:.2} ns per message (median of {} runs)", options.runs);
    Ok(())
}

/// A new desk after all `bars`.
fn route(bars: &[Bar]) -> Market {
    let mut market = desk();
    for bar in bars {
        market.route_bar(bar);
    }
    market
}

/// The median time of one pass over `bars`, including the construction of the desk.
fn median_run(bars: &[Bar], runs: usize) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(route(black_box(bars)));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}
