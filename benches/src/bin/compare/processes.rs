//! Shared memory and TCP between two processes.

use mycelium_benches::bare::ring;
use mycelium_benches::line;
use mycelium_benches::options::Options;
#[cfg(feature = "heavy-peers")]
use mycelium_benches::ours::processes::Tcp;
use mycelium_benches::ours::processes::{Blocking, Polled, PolledAtOnce, Waiting};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
#[cfg(feature = "heavy-peers")]
use mycelium_benches::peers::{iceoryx, ipc, zenoh};
use mycelium_benches::port;
use mycelium_benches::processes::{FarEnd, Path, far_end, latency, rate};

/// Words of a message.
const W: usize = 8;

/// The far ends that a process can run.
pub(super) fn far_ends() -> Vec<FarEnd> {
    vec![
        far_end::<Polled, W>(),
        far_end::<PolledAtOnce, W>(),
        far_end::<Waiting, W>(),
        far_end::<Blocking, W>(),
        #[cfg(feature = "heavy-peers")]
        far_end::<iceoryx::Polled, W>(),
        #[cfg(feature = "heavy-peers")]
        far_end::<iceoryx::Slices, W>(),
        #[cfg(feature = "heavy-peers")]
        far_end::<iceoryx::Events, W>(),
        #[cfg(feature = "heavy-peers")]
        far_end::<ipc::Bytes, W>(),
        #[cfg(feature = "heavy-peers")]
        far_end::<Tcp, W>(),
        #[cfg(feature = "heavy-peers")]
        zenoh::far_end::<W>(),
    ]
}

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let body = options.body::<W>();
    let (cores, count) = (options.cores, options.round_trips);
    let messages = options.messages;
    let line = move || Figure::Times(line::ping_pong(cores, count));
    let rtrb = move || Figure::Value(port::rate(cores, messages, &body, ring::pair::<W>(1024)));
    let single = move || Figure::Value(rate::<Polled, W>(cores, messages, &body));
    vec![
        bulk::<PolledAtOnce>(options, "polled-at-once", "one-by-one", Goal::AtLeast(2.0), messages, Box::new(single)),
        trips::<Polled>(options, "polled", "cache-line", Goal::AtMost(1.3), count, Box::new(line)),
        bulk::<Polled>(options, "polled", "rtrb-threads", Goal::None, messages, Box::new(rtrb)),
    ]
}

/// Compared with libraries for it.
#[cfg(feature = "heavy-peers")]
pub(super) fn heavy_questions(options: &Options) -> Vec<Question<'_>> {
    let body = options.body::<W>();
    let (cores, count) = (options.cores, options.round_trips);
    // Waking a process takes a hundred times as long as a cache line.
    let slow = count.div_ceil(10);
    let messages = options.messages;
    let fewer = messages.div_ceil(4);
    let polled = move || Figure::Times(latency::<iceoryx::Polled, W>(cores, count, &body));
    let events = move || Figure::Times(latency::<iceoryx::Events, W>(cores, slow, &body));
    let samples = move || Figure::Value(rate::<iceoryx::Polled, W>(cores, fewer, &body));
    let slices = move || Figure::Value(rate::<iceoryx::Slices, W>(cores, messages, &body));
    // Each message of theirs has two system calls.
    let few = messages.div_ceil(20);
    let bytes = move || Figure::Times(latency::<ipc::Bytes, W>(cores, slow, &body));
    let many_bytes = move || Figure::Value(rate::<ipc::Bytes, W>(cores, few, &body));
    let express = move || Figure::Times(latency::<zenoh::Peers, W>(cores, slow, &body));
    let batches = move || Figure::Value(rate::<zenoh::Peers, W>(cores, fewer, &body));
    let most = Goal::AtLeastEach { near: 20.0, far: 10.0 };
    vec![
        trips::<Polled>(options, "polled", "iceoryx2", Goal::AtMost(0.35), count, Box::new(polled)),
        bulk::<Polled>(options, "polled", "iceoryx2", most, options.messages, Box::new(samples)),
        bulk::<Polled>(options, "polled", "iceoryx2-slices-of-64", Goal::None, messages, Box::new(slices)),
        bulk::<PolledAtOnce>(
            options,
            "polled-at-once",
            "iceoryx2-slices-of-64",
            Goal::AtLeast(1.0),
            messages,
            Box::new(slices),
        ),
        trips::<Blocking>(options, "blocking", "iceoryx2-event", Goal::None, slow, Box::new(events)),
        trips::<Waiting>(options, "waiting", "iceoryx2-event", Goal::None, slow, Box::new(events)),
        trips::<Blocking>(options, "blocking", "ipc-channel", Goal::None, slow, Box::new(bytes)),
        bulk::<Blocking>(options, "blocking", "ipc-channel", Goal::None, messages, Box::new(many_bytes)),
        trips::<Tcp>(options, "tcp", "zenoh-express", Goal::None, slow, Box::new(express)),
        bulk::<Tcp>(options, "tcp", "zenoh-batched", Goal::AtLeast(10.0), messages, Box::new(batches)),
    ]
}

type Measure<'a> = Box<dyn FnMut() -> Figure + 'a>;

fn trips<'a, P: Path<W>>(
    options: &'a Options,
    mode: &str,
    peer: &'static str,
    goal: Goal,
    count: usize,
    theirs: Measure<'a>,
) -> Question<'a> {
    let body = options.body::<W>();
    Question {
        name: format!("processes/{mode}/latency"),
        peer,
        unit: Unit::Nanoseconds,
        goal,
        plot: None,
        ours: Box::new(move || Figure::Times(latency::<P, W>(options.cores, count, &body))),
        theirs,
    }
}

fn bulk<'a, P: Path<W>>(
    options: &'a Options,
    mode: &str,
    peer: &'static str,
    goal: Goal,
    count: usize,
    theirs: Measure<'a>,
) -> Question<'a> {
    let body = options.body::<W>();
    Question {
        name: format!("processes/{mode}/rate"),
        peer,
        unit: Unit::MillionsPerSecond,
        goal,
        plot: None,
        ours: Box::new(move || Figure::Value(rate::<P, W>(options.cores, count, &body))),
        theirs,
    }
}
