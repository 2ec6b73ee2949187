//! Measurements in pairs: ours and a peer's in turn, with the distance of the cores beside each.

use crate::line::{Distance, ping_pong};
use crate::options::Options;
use crate::samples::{Samples, Spread};

/// Round trips of a cache line beside each pair, at most.
const LOOKS: usize = 20_000;

/// The unit of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds one way: less is better.
    Nanoseconds,
    /// Millions of messages per second: more is better.
    MillionsPerSecond,
}

impl Unit {
    /// As in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::MillionsPerSecond => "M/s",
        }
    }
}

/// The goal for the ratio of ours to theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Not more.
    AtMost(f64),
    /// Not less.
    AtLeast(f64),
    /// Not less, by the distance of the cores.
    AtLeastEach {
        /// While they share a cache.
        near: f64,
        /// While they don't.
        far: f64,
    },
    /// No goal.
    None,
}

/// The result of one measurement.
#[derive(Clone, Debug)]
pub enum Figure {
    /// One-way times.
    Times(Samples),
    /// A rate, or a mean time.
    Value(f64),
}

impl Figure {
    fn value(&self) -> f64 {
        match self {
            Self::Times(samples) => samples.median(),
            Self::Value(value) => *value,
        }
    }
}

/// One pair.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The distance of the cores; `None` if it changed during the pair.
    pub distance: Option<Distance>,
    /// The time of a cache line one way, in nanoseconds, before and after.
    pub line: (f64, f64),
    /// Our figure.
    pub ours: f64,
    /// Theirs.
    pub theirs: f64,
}

impl Pair {
    /// Ours by theirs.
    pub fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }
}

/// All pairs of one question.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The path and the question.
    pub name: String,
    /// The peer.
    pub peer: &'static str,
    /// The unit of the figures.
    pub unit: Unit,
    /// The goal.
    pub goal: Goal,
    /// The plot that it is a point of, and its position on the horizontal axis.
    pub plot: Option<(&'static str, f64)>,
    /// The pairs, in order.
    pub pairs: Vec<Pair>,
    /// All our times, if times were measured.
    pub our_times: Samples,
    /// All their times.
    pub their_times: Samples,
}

impl Comparison {
    /// A figure of the pairs at one distance.
    pub fn spread(&self, distance: Distance, figure: impl Fn(&Pair) -> f64) -> Option<Spread> {
        Spread::of(self.pairs.iter().filter(|pair| pair.distance == Some(distance)).map(figure))
    }

    /// Pairs during which the distance of the cores changed.
    pub fn moved(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.distance.is_none()).count()
    }
}

/// A question to measure.
pub struct Question<'a> {
    /// The path and the question.
    pub name: String,
    /// The peer.
    pub peer: &'static str,
    /// The unit of the figures.
    pub unit: Unit,
    /// The goal.
    pub goal: Goal,
    /// The plot that it is a point of, and its position on the horizontal axis.
    pub plot: Option<(&'static str, f64)>,
    /// Measures ours once.
    pub ours: Box<dyn FnMut() -> Figure + 'a>,
    /// Measures theirs once.
    pub theirs: Box<dyn FnMut() -> Figure + 'a>,
}

impl Question<'_> {
    /// The line by which it is listed and filtered.
    pub fn title(&self) -> String {
        format!("{} against {}", self.name, self.peer)
    }
}

/// Measures all questions that pass the filter, and reports progress on standard error.
pub fn ask(options: &Options, questions: Vec<Question<'_>>) -> Vec<Comparison> {
    let asked: Vec<_> = questions.into_iter().filter(|it| it.title().contains(&options.filter)).collect();
    let all = asked.len();
    let ask = |(number, question): (usize, Question<'_>)| {
        eprint!("[{}/{all}] {}: ", number + 1, question.title());
        let comparison = compare(options, question);
        eprintln!();
        comparison
    };
    asked.into_iter().enumerate().map(ask).collect()
}

fn compare(options: &Options, mut question: Question<'_>) -> Comparison {
    let mut comparison = Comparison {
        name: question.name,
        peer: question.peer,
        unit: question.unit,
        goal: question.goal,
        plot: question.plot,
        pairs: Vec::with_capacity(options.pairs),
        our_times: Samples::default(),
        their_times: Samples::default(),
    };
    let line = || ping_pong(options.cores, LOOKS.min(options.round_trips)).median();
    let mut before = line();
    for _ in 0..options.pairs {
        let (ours, theirs) = ((question.ours)(), (question.theirs)());
        let after = line();
        let (from, to) = (Distance::of(before), Distance::of(after));
        comparison.pairs.push(Pair {
            distance: (from == to).then_some(from),
            line: (before, after),
            ours: ours.value(),
            theirs: theirs.value(),
        });
        for (all, figure) in [(&mut comparison.our_times, &ours), (&mut comparison.their_times, &theirs)] {
            if let Figure::Times(samples) = figure {
                all.merge(samples);
            }
        }
        before = after;
        eprint!(".");
    }
    comparison
}
