//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::play::{PLAYS, Play};

pub(crate) const HELP: &str = "\
Measures what whole programs take of the machine: the market example in each deployment, systems of two lanes that have nothing to
do, and a bare process. Builds the examples first.

Usage: footprint [OPTIONS] [FILTER]

FILTER leaves only programs whose name contains it, and what they are divided by; --list prints the names.

Options:
      --starts N     times that each is started, in turn [default: 30, with --quick 3]
      --seconds S    how long each is watched while it rests, 0.01 to 3600 [default: 2, with --quick 0.2]
      --quick        fewer and shorter measurements, whose figures say little
      --no-build     take the examples as they were built last
      --json FILE    write all figures to FILE
      --list         print the names of the programs, and measure nothing
  -h, --help         print this

start     from the call that starts the process to the first line of its result, with one bar of each index as input
resident  memory when all bars are in and the desk still stands, summed over its processes: shared pages count in each
shared    the same with each page divided among those who share it (PSS)
peak      the most that was ever resident
idle      processor time after that, in per cent of one core";

/// What to do.
pub(crate) enum Task {
    Help,
    List,
    Measure(Options),
    /// What the program does when it has started itself.
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
