//! How rustc's time grows with the size of what is compiled.

mod checkout;
mod contracts;
mod curve;
mod kind;
mod options;
mod programs;

use super::run::{Cpu, Outcome};
use super::tools::repository;
use checkout::Checkout;
use curve::Curve;
use kind::{KINDS, Kind, Size};
use options::{Options, Task};

pub(super) use options::HELP;

/// All messages that programs of the listed sizes need, so that their crate is the same for all selected sizes.
const MESSAGES: usize = 600;

/// The size of `ratio start`, or the largest size below.
const STARTED_AT: usize = 100;

/// Runs the command in the arguments after `slopes`; the outer error is one of the arguments.
pub(super) fn main(parser: lexopt::Parser) -> Result<Result<(), String>, lexopt::Error> {
    match options::parse(parser)? {
        Task::Help => println!("{HELP}"),
        Task::List(options) => options.kinds.iter().for_each(|kind| println!("{}", listed(*kind, &options))),
        Task::Measure(options) => return Ok(measure(&options)),
    }
    Ok(Ok(()))
}

fn listed(kind: Kind, options: &Options) -> String {
    let sizes: Vec<String> = kind.sizes(options.short, options.most).iter().map(Size::to_string).collect();
    format!("{} {}", kind.name(), sizes.join(" "))
}

fn measure(options: &Options) -> Result<(), String> {
    let checkouts = checkouts(options)?;
    for kinds in groups(&options.kinds) {
        let sizes = kinds[0].sizes(options.short, options.most);
        let curves = in_turn(&kinds, &sizes, &checkouts, options)?;
        print(&curves, &sizes);
    }
    Ok(())
}

/// This checkout, and the one that it is compared with.
fn checkouts(options: &Options) -> Result<Vec<Checkout>, String> {
    let needed = |kind: &Kind| {
        let sizes = kind.sizes(options.short, options.most);
        sizes.into_iter().map(|size| kind.messages(size)).max()
    };
    let messages = options.kinds.iter().filter_map(needed).max().unwrap_or(0).max(MESSAGES);
    let mut roots = vec![(checkout::find(repository())?, "slopes")];
    if let Some(path) = &options.beside {
        roots.push((checkout::find(path)?, "slopes-beside"));
    }
    roots
        .into_iter()
        .map(|(root, name)| {
            eprintln!("building the runtime, the macros, the generator and {messages} messages of {}", root.display());
            Checkout::prepare(&root, name, messages)
        })
        .collect()
}

/// Kinds that are compared with each other run in turn; all others run alone.
fn groups(kinds: &[Kind]) -> Vec<Vec<Kind>> {
    let together = [Kind::Services, Kind::ServicesUnstarted];
    let (row, others): (Vec<Kind>, Vec<Kind>) = kinds.iter().partition(|kind| together.contains(kind));
    let alone = others.into_iter().map(|kind| vec![kind]);
    std::iter::once(row).filter(|row| !row.is_empty()).chain(alone).collect()
}

/// One kind in one checkout.
struct Series<'a> {
    kind: Kind,
    checkout: &'a Checkout,
    /// Whether it is the other checkout, which may fail.
    beside: bool,
    curve: Curve,
}

/// Compiles the kinds with all checkouts in turn, so that other load of the machine affects all of them.
fn in_turn<'a>(
    kinds: &[Kind],
    sizes: &[Size],
    checkouts: &'a [Checkout],
    options: &Options,
) -> Result<Vec<Series<'a>>, String> {
    let of_kind = |kind: &Kind| {
        let kind = *kind;
        let places = ["", "-beside"].into_iter().zip(checkouts);
        places.map(move |(suffix, checkout)| Series {
            kind,
            checkout,
            beside: !suffix.is_empty(),
            curve: Curve::new(format!("{}{suffix}", kind.name())),
        })
    };
    let mut all: Vec<Series<'a>> = kinds.iter().flat_map(of_kind).collect();
    for &size in sizes {
        for turn in 1..=options.runs {
            for series in all.iter_mut().filter(|series| !series.curve.has_ended()) {
                series.take(size, options, &format!("{turn}/{}", options.runs))?;
            }
        }
    }
    Ok(all)
}

impl Series<'_> {
    /// Compiles it once.
    fn take(&mut self, size: Size, options: &Options, turn: &str) -> Result<(), String> {
        let source = self.checkout.write(self.kind, size);
        let outcome = match source {
            Ok(source) => self.checkout.compile(&source, self.kind.crate_type(), options.timeout)?,
            Err(error) => Outcome::Failed(error),
        };
        let what = format!("{} {size}", self.curve.name());
        match outcome {
            Outcome::Took(Cpu { user: seconds, .. }) => {
                eprintln!("{what} {turn}: {seconds:.2} s");
                self.curve.push(size, seconds);
            }
            Outcome::Stopped => {
                let why = format!("stopped after {} s", options.timeout.as_secs_f64());
                eprintln!("{what} {turn}: {why}");
                self.curve.end(size, why);
            }
            Outcome::Failed(error) if self.beside => {
                eprintln!("{what} {turn}: failed:\n{error}");
                self.curve.end(size, "failed");
            }
            Outcome::Failed(error) => return Err(format!("{what} failed:\n{error}")),
        }
        Ok(())
    }
}

fn print(all: &[Series<'_>], sizes: &[Size]) {
    all.iter().for_each(|series| println!("{}", series.curve));
    for beside in [false, true] {
        let of = |kind| all.iter().find(|series| series.kind == kind && series.beside == beside);
        if let (Some(started), Some(unstarted)) = (of(Kind::Services), of(Kind::ServicesUnstarted)) {
            let suffix = if beside { "-beside" } else { "" };
            if let Some((size, ratio)) = start(&started.curve, &unstarted.curve, sizes) {
                println!("ratio start{suffix} {ratio:.2} (at {size} services)");
            }
        }
    }
    for kind in KINDS {
        let of = |beside| all.iter().find(|series| series.kind == kind && series.beside == beside);
        if let (Some(ours), Some(theirs)) = (of(false), of(true)) {
            sizes.iter().for_each(|&size| println!("{}", ours.curve.beside(&theirs.curve, size)));
        }
    }
}

/// The time of a started router divided by that of one that is not started.
fn start(started: &Curve, unstarted: &Curve, sizes: &[Size]) -> Option<(Size, f64)> {
    let at = sizes.iter().rev().filter(|size| size.count <= STARTED_AT);
    at.filter_map(|&size| Some((size, started.ratio(unstarted, size)?))).next()
}
