//! Services behind a tokio task.

use mycelium_benches::options::Options;
use mycelium_benches::ours::task::{self, Tasked};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::peers::task::{kanal, tachyonix, tokio_mpsc};
use tokio::runtime::Handle;

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut all = Vec::new();
    against(options, "tachyonix", tachyonix::start, &mut all);
    against(options, "kanal", kanal::start, &mut all);
    against(options, "tokio-mpsc", tokio_mpsc::start, &mut all);
    all
}

type Measure<'a> = Box<dyn FnMut() -> Figure + 'a>;

fn against<'a, T: Tasked + 'a>(
    options: &'a Options,
    peer: &'static str,
    theirs: fn(&Handle, bool) -> T,
    all: &mut Vec<Question<'a>>,
) {
    let body = options.body::<8>();
    // A task on another core is woken by the kernel.
    let slow = options.round_trips.div_ceil(10);
    let (cores, trips, messages) = (options.cores, options.round_trips, options.messages.div_ceil(2));
    let question = |name: &str, unit, goal, ours: Measure<'a>, theirs: Measure<'a>| Question {
        name: format!("task/{name}"),
        peer,
        unit,
        goal,
        plot: None,
        ours,
        theirs,
    };
    all.push(question(
        "one-runtime/latency",
        Unit::Nanoseconds,
        Goal::AtMost(1.0),
        Box::new(move || Figure::Times(task::latency_within(cores, trips, &body, task::start))),
        Box::new(move || Figure::Times(task::latency_within(cores, trips, &body, theirs))),
    ));
    all.push(question(
        "two-runtimes/latency",
        Unit::Nanoseconds,
        Goal::AtMost(1.0),
        Box::new(move || Figure::Times(task::latency(cores, slow, &body, task::start))),
        Box::new(move || Figure::Times(task::latency(cores, slow, &body, theirs))),
    ));
    all.push(question(
        "two-runtimes/rate",
        Unit::MillionsPerSecond,
        Goal::AtLeast(1.0),
        Box::new(move || Figure::Value(task::rate(cores, messages, &body, task::start))),
        Box::new(move || Figure::Value(task::rate(cores, messages, &body, theirs))),
    ));
}
