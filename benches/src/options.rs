//! The command line that all measurements share.

use std::path::PathBuf;

use crate::cores::Cores;

/// Message sizes that can be asked for, in bytes.
pub const SIZES: [usize; 7] = [16, 64, 256, 1024, 4096, 16_384, 65_528];

/// What to measure, and how often.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only comparisons whose line in the list contains this.
    pub filter: String,
    /// Pairs of measurements per comparison.
    pub pairs: usize,
    /// Round trips of one measurement between ends that poll; a twentieth of it between ends that sleep.
    pub round_trips: usize,
    /// Messages of one measurement of a rate; a hundredth of it where each has a system call.
    pub messages: usize,
    /// Bytes of a message.
    pub size: usize,
    /// The seed of the counts above and the contents of messages.
    pub seed: u64,
    /// The cores of the two ends.
    pub cores: Cores,
    /// The file for the figures as JSON.
    pub json: Option<PathBuf>,
    /// The file for the figures as a page with plots.
    pub html: Option<PathBuf>,
    /// Whether only names are printed.
    pub list: bool,
}

/// The part of the help text on the options that all measurements share.
pub const HELP: &str = "\
Options:
      --pairs N        measurements of each side, in turn [default: 8, with --quick 3]
      --round-trips N  round trips of a measurement of latency [default: about 25,000, with --quick 5,000, randomised by the seed]
      --messages N     messages of a measurement of rate [default: about 4,000,000, with --quick 500,000, randomised by the seed]
      --size BYTES     of a message: 16, 64, 256, 1024, 4096, 16384 or 65528 [default: 64]
      --quick          fewer and shorter measurements, with little accuracy
      --seed N         seed of counts and contents [default: random, printed]
      --cores A,B      cores of the two ends [default: the last two that this process may use]
      --json FILE      write all figures to FILE
      --html FILE      write a page with plots to FILE
      --list           print the names of the comparisons, and measure nothing
  -h, --help           print this";

impl Options {
    /// From these arguments, without the name of the program; `None` if the user asked for help.
    ///
    /// # Errors
    /// An invalid argument, or cores that do not exist.
    pub fn parse<I>(arguments: I) -> Result<Option<Self>, lexopt::Error>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString>,
    {
        use lexopt::prelude::*;
        let (mut filter, mut size, mut quick, mut list) = (String::new(), 64, false, false);
        let (mut json, mut html) = (None, None);
        let (mut pairs, mut round_trips, mut messages, mut seed, mut cores) = (None, None, None, None, None);
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("pairs") => pairs = Some(parser.value()?.parse_with(positive)?),
                Long("round-trips") => round_trips = Some(parser.value()?.parse_with(positive)?),
                Long("messages") => messages = Some(parser.value()?.parse_with(positive)?),
                Long("size") => size = parser.value()?.parse_with(known_size)?,
                Long("seed") => seed = Some(parser.value()?.parse()?),
                Long("cores") => cores = Some(parser.value()?.parse_with(two_cores)?),
                Long("json") => json = Some(PathBuf::from(parser.value()?)),
                Long("html") => html = Some(PathBuf::from(parser.value()?)),
                Long("quick") => quick = true,
                Long("list") => list = true,
                Short('h') | Long("help") => return Ok(None),
                Value(value) if filter.is_empty() => filter = value.string()?,
                other => return Err(other.unexpected()),
            }
        }
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut about = |count: usize| count + random.usize(0..count / 8);
        let (some_trips, some_messages) = (about(25_000), about(4_000_000));
        let few = |count: usize, divisor: usize| if quick { count / divisor } else { count };
        let cores = match cores {
            Some(cores) => cores,
            None => Cores::any().map_err(|error| error.to_string())?,
        };
        if !list {
            cores.check().map_err(|error| error.to_string())?;
        }
        Ok(Some(Self {
            filter,
            pairs: pairs.unwrap_or(if quick { 3 } else { 8 }),
            round_trips: round_trips.unwrap_or(few(some_trips, 5)),
            messages: messages.unwrap_or(few(some_messages, 8)),
            size,
            seed,
            cores,
            json,
            html,
            list,
        }))
    }

    /// A message with random contents.
    pub fn body<const W: usize>(&self) -> [u64; W] {
        let mut random = fastrand::Rng::with_seed(self.seed ^ 0xb0d7);
        std::array::from_fn(|_| random.u64(..))
    }
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be 1 or more".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

fn known_size(text: &str) -> Result<usize, String> {
    let size = positive(text)?;
    if SIZES.contains(&size) { Ok(size) } else { Err(format!("not one of {SIZES:?}")) }
}

fn two_cores(text: &str) -> Result<Cores, String> {
    let core = |text: &str| text.trim().parse().map_err(|_| format!("`{text}` is no core"));
    let (near, far) = text.split_once(',').ok_or("expected two cores, such as `0,1`")?;
    Ok(Cores { near: core(near)?, far: core(far)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Option<Options>, String> {
        let all = arguments.iter().copied().chain(["--list", "--cores", "0,1"]);
        Options::parse(all).map_err(|error| error.to_string())
    }

    #[test]
    fn a_seed_draws_the_same_counts_and_contents_again() {
        let draw = |seed| {
            let options = parse(&["--seed", seed]).unwrap().unwrap();
            (options.round_trips, options.messages, options.body::<8>())
        };
        assert_eq!(draw("7"), draw("7"));
        assert_ne!(draw("7"), draw("8"));
    }

    #[test]
    fn mistakes_are_told() {
        for (arguments, error) in [
            (["--size", "63"], "not one of"),
            (["--pairs", "0"], "must be 1 or more"),
            (["--cores", "3"], "two cores"),
            (["unix", "tcp"], "unexpected argument \"tcp\""),
        ] {
            let told = parse(&arguments).unwrap_err();
            assert!(told.contains(error), "{told}");
        }
    }
}
