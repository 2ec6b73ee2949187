//! The command line of `builds messages`.

use super::{KINDS, Kind};

pub(in super::super) const HELP: &str = "\
Compares the cost of a crate of messages with peers: CPU seconds, user and system, of `cargo check`, with all dependencies built before.

Usage: builds messages [OPTIONS]

Kinds:
  plain    100 messages of ten numbers and arrays of bytes each, against prost-build and prost
  mavlink  the 234 messages of MAVLink's common dialect, against the crate `mavlink`

Measurements of each, in turn:
  check    rustc for the library alone
  package  the build script compiled, its run, and rustc for the library

Options:
      --kind K,K…  only these kinds [default: all]
      --pairs N    builds of each side, in turn [default: 5, with --short 1]
      --short      20 plain messages, and one pair: checks that everything compiles
      --list       print the kinds with their numbers of messages, and measure nothing
  -h, --help       print this

Prints for each kind, besides the times of both sides with their ranges:
  ratio build/messages/KIND/check RATIO    ours by theirs: the median of the ratios of each pair
  ratio build/messages/KIND/package RATIO

Nothing is incremental, and no side computes warnings (`--cap-lints=allow`), as in cargo for crates from a registry. Progress goes to
standard error. Fetches what is missing once, then builds without the network, ours with the versions in this repository's Cargo.lock,
theirs with those in benches/messages. The build script of `mavlink` needs git. Times are taken from /proc, in steps of 10 ms.";

/// What to do.
pub(super) enum Task {
    Help,
    List(Options),
    Measure(Options),
}

#[derive(Debug)]
pub(super) struct Options {
    pub(super) kinds: Vec<Kind>,
    pub(super) short: bool,
    pub(super) pairs: usize,
}

/// From the arguments after `messages`.
pub(super) fn parse(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut kinds, mut short, mut pairs, mut list) = (KINDS.to_vec(), false, None, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("kind") => kinds = parser.value()?.parse_with(|text| crate::some_of(&KINDS, Kind::name, text))?,
            Long("short") => short = true,
            Long("pairs") => pairs = Some(parser.value()?.parse_with(crate::positive)?),
            Long("list") => list = true,
            Short('h') | Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    let options = Options { kinds, short, pairs: pairs.unwrap_or(if short { 1 } else { 5 }) };
    Ok(if list { Task::List(options) } else { Task::Measure(options) })
}
