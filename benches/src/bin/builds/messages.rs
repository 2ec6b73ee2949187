//! The time of rustc and cargo for a crate of messages, compared with other generators.

mod options;
mod package;
mod texts;
pub(super) mod wrapper;

use mycelium_benches::samples::Spread;

use super::tools::{Scratch, ratio, seconds};
use options::{Options, Task};
use package::{Cost, Package};

pub(super) use options::HELP;

/// Which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Mavlink,
}

/// All of them.
const KINDS: [Kind; 2] = [Kind::Plain, Kind::Mavlink];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Mavlink => "mavlink",
        }
    }

    /// The peer.
    fn peer(self) -> &'static str {
        match self {
            Self::Plain => "prost",
            Self::Mavlink => "the crate `mavlink`",
        }
    }

    /// How many messages there are.
    fn messages(self, short: bool) -> usize {
        match (self, short) {
            (Self::Plain, false) => 100,
            (Self::Plain, true) => 20,
            (Self::Mavlink, _) => texts::messages_of_mavlink(),
        }
    }
}

/// Runs the command in the arguments after `messages`; the outer error is one of the arguments.
pub(super) fn main(parser: lexopt::Parser) -> Result<Result<(), String>, lexopt::Error> {
    match options::parse(parser)? {
        Task::Help => println!("{HELP}"),
        Task::List(options) => {
            options.kinds.iter().for_each(|kind| println!("{} {}", kind.name(), kind.messages(options.short)));
        }
        Task::Measure(options) => return Ok(measure(&options)),
    }
    Ok(Ok(()))
}

fn measure(options: &Options) -> Result<(), String> {
    let scratch = Scratch::new("messages")?;
    for &kind in &options.kinds {
        let count = kind.messages(options.short);
        eprintln!("{}: building what {count} messages of ours and of {} depend on", kind.name(), kind.peer());
        let ours = Package::prepare(scratch.path(), &texts::ours(kind, count))?;
        let theirs = Package::prepare(scratch.path(), &texts::theirs(kind, count))?;
        let pairs = in_turn(kind, &ours, &theirs, options.pairs)?;
        println!("{count} messages `{}` of ours and of {}, pairs: {}", kind.name(), kind.peer(), pairs.len());
        print(kind, "check", &pairs, |cost| cost.check)?;
        print(kind, "package", &pairs, |cost| cost.package)?;
    }
    Ok(())
}

fn in_turn(kind: Kind, ours: &Package, theirs: &Package, pairs: usize) -> Result<Vec<[Cost; 2]>, String> {
    let mut costs = Vec::with_capacity(pairs);
    for pair in 1..=pairs {
        let [ours, theirs] = [ours.cost()?, theirs.cost()?];
        eprintln!("messages/{} {pair}/{pairs}: {ours} against {theirs}", kind.name());
        costs.push([ours, theirs]);
    }
    Ok(costs)
}

fn print(kind: Kind, what: &str, pairs: &[[Cost; 2]], figure: fn(&Cost) -> f64) -> Result<(), String> {
    let of = |of_pair: &dyn Fn(&[Cost; 2]) -> f64| Spread::of(pairs.iter().map(of_pair)).ok_or("no pairs");
    let (ours, theirs) = (of(&|[ours, _]| figure(ours))?, of(&|[_, theirs]| figure(theirs))?);
    let by_theirs = of(&|[ours, theirs]| figure(ours) / figure(theirs))?;
    println!("  {what}: ours {}, theirs {}, ours/theirs {}", seconds(ours, 2), seconds(theirs, 2), ratio(by_theirs));
    println!("ratio build/messages/{}/{what} {:.2}", kind.name(), by_theirs.median);
    Ok(())
}
