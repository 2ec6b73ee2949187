//! The command line of `builds slopes`.

use std::path::PathBuf;
use std::time::Duration;

use super::kind::{KINDS, Kind};

pub(in super::super) const HELP: &str = "\
Measures how rustc's time grows with the size of what is compiled: user CPU seconds of `rustc --emit=metadata` of one crate, with the
crates that it depends on built before.

Usage: builds slopes [OPTIONS]

Kinds, and their sizes:
  services            services in a row, each with two handlers and two routes; each emits to the next one and to the fifth after it;
                      `start` runs the router, and what it returns is `Send`
  services-unstarted  the same, but the router is only called; measured in turn with `services` if both are selected
  all-to-all          messages, each of which goes to all of 12 services (to all of 10 at the largest size)
  routes              routes, one for each message, to 20 services
  lanes               services in a row on 12 lanes, each on a thread
  oneof-variants      variants of one oneof in a contract; the generated crate alone is compiled
  enum-variants       variants of one enum in a contract; the generated crate alone is compiled

Options:
      --kind K,K…    only these kinds [default: all]
      --most N       only sizes up to N; if fewer than two are left, half of N and N instead
      --short        smaller sizes, and one run of each: checks that everything compiles
      --runs N       runs of rustc at each size, in turn, of which the median counts [default: 3, with --short 1]
      --timeout S    stop a run of rustc after S seconds, and measure no larger sizes of its kind [default: 300]
      --beside PATH  also compile the same programs with the runtime, macros and generator of another checkout of this repository, in turn
      --list         print the kinds with their sizes, and measure nothing
  -h, --help         print this

Prints a line for each kind; 1.0 is linear growth:
  slope KIND SLOPE (SECONDS s at SIZE, …)    the slope of a straight line through the logarithms of sizes and times; `-` where fewer
                                             than two sizes have a time; that of all-to-all is over messages times services
  ratio start RATIO (at SIZE services)       services by services-unstarted, at 100 services, or at the largest size below
and with --beside, for each kind and size, and with `-` in place of a ratio if either side was stopped or failed:
  slope KIND-beside SLOPE (…)                the same of the other checkout
  ratio KIND-SIZE RATIO                      the time of this checkout by that of the other: the median of the ratios of each turn

Progress goes to standard error. Builds what programs depend on first, without the network and with the versions in each checkout's
Cargo.lock. Times are taken from /proc, in steps of 10 ms.";

/// What to do.
pub(super) enum Task {
    Help,
    List(Options),
    Measure(Options),
}

#[derive(Debug)]
pub(super) struct Options {
    pub(super) kinds: Vec<Kind>,
    pub(super) most: Option<usize>,
    pub(super) short: bool,
    pub(super) runs: usize,
    pub(super) timeout: Duration,
    pub(super) beside: Option<PathBuf>,
}

/// From the arguments after `slopes`.
pub(super) fn parse(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut kinds, mut most, mut short, mut list) = (KINDS.to_vec(), None, false, false);
    let (mut runs, mut timeout, mut beside) = (None, Duration::from_secs(300), None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("kind") => kinds = parser.value()?.parse_with(|text| crate::some_of(&KINDS, Kind::name, text))?,
            Long("most") => most = Some(parser.value()?.parse_with(crate::positive)?),
            Long("short") => short = true,
            Long("runs") => runs = Some(parser.value()?.parse_with(crate::positive)?),
            Long("timeout") => timeout = parser.value()?.parse_with(a_while)?,
            Long("beside") => beside = Some(PathBuf::from(parser.value()?)),
            Long("list") => list = true,
            Short('h') | Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    let runs = runs.unwrap_or(if short { 1 } else { 3 });
    let options = Options { kinds, most, short, runs, timeout, beside };
    Ok(if list { Task::List(options) } else { Task::Measure(options) })
}

fn a_while(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=86_400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or("a number of seconds from 0.01 to 86400 is needed")
}
