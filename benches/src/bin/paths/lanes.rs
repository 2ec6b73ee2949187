//! Lanes: messages from one to another, and the regularity of turns.

use mycelium_benches::bare::ring;
use mycelium_benches::cores::pin;
use mycelium_benches::gaps::Gaps;
use mycelium_benches::options::Options;
use mycelium_benches::ours::lanes;
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::port::{latency, rate};
use mycelium_benches::samples::Samples;
use mycelium_rt::lane::StartError;

/// Words of a message.
const W: usize = 8;
/// Messages that a ring between two lanes holds.
const ROOM: usize = 1024;

/// The least number of turns for a percentile.
const TURNS: usize = 100_000;

/// The compared percentiles of turns.
const SHARES: [(&str, f64); 4] = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)];

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut all = vec![one_way(options), flow(options)];
    all.extend(SHARES.map(|(name, share)| turns(options, name, share)));
    all
}

/// From a handler on one lane to a handler on another.
fn one_way(options: &Options) -> Question<'_> {
    let body = options.body::<W>();
    let (cores, count) = (options.cores, options.round_trips);
    Question {
        name: "lanes/latency".to_owned(),
        peer: "rtrb",
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.1),
        plot: None,
        ours: Box::new(move || Figure::Times(started(lanes::latency(cores, count, &body)))),
        theirs: Box::new(move || Figure::Times(latency(cores, count, &body, ring::pair::<W>(ROOM)))),
    }
}

/// From a source on one lane to a handler on another.
fn flow(options: &Options) -> Question<'_> {
    let body = options.body::<W>();
    let (cores, count) = (options.cores, options.messages);
    Question {
        name: "lanes/rate".to_owned(),
        peer: "rtrb",
        unit: Unit::MillionsPerSecond,
        goal: Goal::AtLeast(1.0),
        plot: None,
        ours: Box::new(move || Figure::Value(started(lanes::rate(cores, count, &body)))),
        theirs: Box::new(move || Figure::Value(rate(cores, count, &body, ring::pair::<W>(ROOM)))),
    }
}

/// A lane that reads the clock in each turn, against a loop that does only that.
fn turns<'a>(options: &'a Options, name: &str, share: f64) -> Question<'a> {
    let (cores, count) = (options.cores, (options.messages / 2).max(TURNS));
    let figure = move |samples: Samples| match share {
        // Once with all of them, for the plot.
        0.5 => Figure::Times(samples),
        _ => Figure::Value(samples.percentile(share).unwrap_or(f64::NAN)),
    };
    Question {
        name: format!("lanes/turn/{name}"),
        peer: "bare-loop",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        plot: None,
        ours: Box::new(move || figure(started(lanes::turns(cores, count)))),
        theirs: Box::new(move || figure(bare_loop(cores.near, count))),
    }
}

fn bare_loop(core: usize, count: usize) -> Samples {
    pin(core);
    let mut gaps = Gaps::new(count);
    while gaps.note() {
        std::hint::spin_loop();
    }
    gaps.samples()
}

fn started<T>(measured: Result<T, StartError>) -> T {
    measured.unwrap_or_else(|error| panic!("lanes to measure: {error}"))
}
