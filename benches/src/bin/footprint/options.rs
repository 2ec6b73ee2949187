//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::play::{PLAYS, Play};

pub(crate) const HELP: &str = "\
Measures the resources of whole programs: the market example in each deployment, idle systems of two lanes, and a bare process. Builds the
examples first.

Usage: footprint [OPTIONS] [FILTER]

FILTER selects programs whose names contain it, and those that they are divided by; --list prints the names.

Options:
      --starts N     starts of each program, in turn [default: 30, with --quick 3]
      --seconds S    how long each is measured while idle, 0.01 to 3600 [default: 2, with --quick 0.2]
      --quick        fewer and shorter measurements, with little accuracy
      --no-build     use the examples as they were built last
      --json FILE    write all figures to FILE
      --list         print the names of the programs, and measure nothing
  -h, --help         print this

start     from the call that starts the process to the first line of its result, with one bar of each index as input
resident  memory when all bars are in and the desk still runs, summed over its processes: shared pages count in each
shared    the same with each page divided among the processes that share it (PSS)
peak      the highest resident memory
idle      CPU time after that, in per cent of one core";

/// What to do.
pub(crate) enum Task {
    Help,
    List,
    Measure(Options),
    /// The role of a process that the program has started.
    Play(Play),
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) filter: String,
    pub(crate) starts: usize,
    pub(crate) seconds: Duration,
    pub(crate) build: bool,
    pub(crate) json: Option<PathBuf>,
}

pub(crate) fn parse<I>(arguments: I) -> Result<Task, lexopt::Error>
where
    I: IntoIterator,
    I::Item: Into<std::ffi::OsString>,
{
    use lexopt::prelude::*;
    let (mut filter, mut quick, mut list, mut build) = (String::new(), false, false, true);
    let (mut starts, mut seconds, mut json) = (None, None, None);
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("starts") => starts = Some(parser.value()?.parse_with(positive)?),
            Long("seconds") => seconds = Some(parser.value()?.parse_with(a_while)?),
            Long("json") => json = Some(PathBuf::from(parser.value()?)),
            Long("quick") => quick = true,
            Long("no-build") => build = false,
            Long("list") => list = true,
            Long("play") => return Ok(Task::Play(parser.value()?.parse_with(play)?)),
            Short('h') | Long("help") => return Ok(Task::Help),
            Value(value) if filter.is_empty() => filter = value.string()?,
            other => return Err(other.unexpected()),
        }
    }
    if list {
        return Ok(Task::List);
    }
    let (some, long) = if quick { (3, Duration::from_millis(200)) } else { (30, Duration::from_secs(2)) };
    Ok(Task::Measure(Options { filter, starts: starts.unwrap_or(some), seconds: seconds.unwrap_or(long), build, json }))
}

fn positive(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|&number| number > 0).ok_or("a whole number from 1 is needed")
}

fn a_while(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=3600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or("a number of seconds from 0.01 to 3600 is needed")
}

fn play(name: &str) -> Result<Play, &'static str> {
    PLAYS.into_iter().find(|(known, _)| *known == name).map(|(_, play)| play).ok_or("not a play")
}
