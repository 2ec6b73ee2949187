//! Queues between two threads.

use mycelium_benches::bare::ring;
use mycelium_benches::options::Options;
use mycelium_benches::ours::{Wait, queue};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::peers::{channel, spsc};
use mycelium_benches::port::{Port, latency, rate};

/// Words of a message.
const W: usize = 8;
/// Messages that a queue holds.
const ROOM: usize = 1024;

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let crossbeam = |wait| channel::pair(wait, || crossbeam_channel::bounded::<[u64; W]>(ROOM));
    let kanal = |wait| channel::pair(wait, || kanal::bounded::<[u64; W]>(ROOM));
    let mut all = Vec::new();
    both(options, Wait::Poll, "rtrb", || ring::pair::<W>(ROOM), &mut all);
    both(options, Wait::Poll, "crossbeam", move || crossbeam(Wait::Poll), &mut all);
    both(options, Wait::Poll, "heapless", spsc::pair::<W>, &mut all);
    both(options, Wait::Poll, "kanal", move || kanal(Wait::Poll), &mut all);
    both(options, Wait::Block, "crossbeam", move || crossbeam(Wait::Block), &mut all);
    both(options, Wait::Block, "kanal", move || kanal(Wait::Block), &mut all);
    all
}

/// Latency and rate against one peer.
fn both<'a, T: Port<W> + Send>(
    options: &'a Options,
    wait: Wait,
    peer: &'static str,
    theirs: impl Fn() -> (T, T) + Copy + 'a,
    all: &mut Vec<Question<'a>>,
) {
    let body = options.body::<W>();
    let (mode, trips) = match wait {
        Wait::Poll => ("spinning", options.round_trips),
        Wait::Block => ("blocking", options.round_trips.div_ceil(10)),
    };
    let messages = options.messages;
    let spins = wait == Wait::Poll;
    all.push(Question {
        name: format!("queue/{mode}/latency"),
        peer,
        unit: Unit::Nanoseconds,
        goal: if spins { Goal::AtMost(1.1) } else { Goal::None },
        plot: None,
        ours: Box::new(move || Figure::Times(latency(options.cores, trips, &body, queue::pair::<W>(ROOM, wait)))),
        theirs: Box::new(move || Figure::Times(latency(options.cores, trips, &body, theirs()))),
    });
    all.push(Question {
        name: format!("queue/{mode}/rate"),
        peer,
        unit: Unit::MillionsPerSecond,
        goal: if spins { Goal::AtLeast(1.0) } else { Goal::None },
        plot: None,
        ours: Box::new(move || Figure::Value(rate(options.cores, messages, &body, queue::pair::<W>(ROOM, wait)))),
        theirs: Box::new(move || Figure::Value(rate(options.cores, messages, &body, theirs()))),
    });
}
