//! Measurements in pairs: ours and a peer's in turn, with the distance of the cores beside each.

use crate::line::{Distance, ping_pong};
use crate::options::Options;
use crate::samples::{Samples, Spread};

/// Round trips of a cache line beside each pair, at most.
const LOOKS: usize = 20_000;

/// What a comparison counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds one way: the less the better.
    Nanoseconds,
    /// Millions of messages per second: the more the better.
    MillionsPerSecond,
}

impl Unit {
    /// As it stands in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::MillionsPerSecond => "M/s",
        }
    }
}

/// What the ratio of ours to theirs is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Not more.
    AtMost(f64),
    /// Not less.
    AtLeast(f64),
    /// Not less, which depends on how the cores lie.
    AtLeastEach {
        /// While they share a cache.
        near: f64,
        /// While they don't.
        far: f64,
    },
    /// Nobody has said.
    None,
}

/// What one measurement gave.
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
    /// How the cores lay; `None` if they moved meanwhile.
    pub distance: Option<Distance>,
    /// What a cache line took one way, in nanoseconds, before and after.
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
    /// The path and what is asked of it.
    pub name: String,
    /// Who it is compared with.
    pub peer: &'static str,
    /// What figures are counted in.
    pub unit: Unit,
    /// What is wanted.
    pub goal: Goal,
    /// The plot that it is a point of, and where it stands on the horizontal axis.
    pub plot: Option<(&'static str, f64)>,
    /// The pairs, in order.
    pub pairs: Vec<Pair>,
    /// All times of ours, where times were measured.
    pub our_times: Samples,
    /// All times of theirs.
    pub their_times: Samples,
}

impl Comparison {
    /// A figure of the pairs at one distance.
    pub fn spread(&self, distance: Distance, figure: impl Fn(&Pair) -> f64) -> Option<Spread> {
        Spread::of(self.pairs.iter().filter(|pair| pair.distance == Some(distance)).map(figure))
    }

    /// Pairs during which the cores moved.
    pub fn moved(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.distance.is_none()).count()
    }
}

/// A question that can be asked.
pub struct Question<'a> {
    /// The path and what is asked of it.
    pub name: String,
    /// Who it is compared with.
    pub peer: &'static str,
    /// What figures are counted in.
    pub unit: Unit,
    /// What is wanted.
    pub goal: Goal,
    /// The plot that it is a point of, and where it stands on the horizontal axis.
    pub plot: Option<(&'static str, f64)>,
    /// Measures ours once.
    pub ours: Box<dyn FnMut() -> Figure + 'a>,
    /// Measures theirs once.
    pub theirs: Box<dyn FnMut() -> Figure + 'a>,
}

impl Question<'_> {
    /// As it is listed and found by.
    pub fn title(&self) -> String {
        format!("{} against {}", self.name, self.peer)
    }
}

/// Asks all questions that the filter lets through, and reports progress on standard error.
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
