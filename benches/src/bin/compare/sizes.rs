//! Rates by the size of messages, compared with the bare mechanism.

use std::os::unix::net::UnixStream;

use mycelium_benches::bare::ring;
use mycelium_benches::bare::socket::{self, Shape};
use mycelium_benches::options::Options;
use mycelium_benches::ours::stream::{self, Socket};
use mycelium_benches::ours::{Wait, queue, shm};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::port::{Port, rate};

/// Bytes of a write, and bytes of a ring, about.
const BULK: usize = 64 * 1024;

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut all = Vec::new();
    of_size::<2>(options, &mut all);
    of_size::<8>(options, &mut all);
    of_size::<32>(options, &mut all);
    of_size::<128>(options, &mut all);
    of_size::<512>(options, &mut all);
    of_size::<2048>(options, &mut all);
    of_size::<8191>(options, &mut all);
    all
}

fn of_size<'a, const W: usize>(options: &'a Options, all: &mut Vec<Question<'a>>) {
    let room = (16 * BULK / (W * 8)).clamp(16, 1024);
    let batch = (BULK / (W * 8)).max(1);
    let shared = shm::Setup { slots: room, wait: Wait::Poll, batch: batch.min(64) as u32 };
    let unix = stream::Setup { socket: Socket::Unix, wait: Wait::Poll, batch: batch as u32 };
    all.push(question::<W, _, _>(
        options,
        "queue",
        ("rate of a queue by bytes of a message", "rtrb"),
        move || queue::pair::<W>(room, Wait::Poll),
        move || ring::pair::<W>(room),
    ));
    all.push(question::<W, _, _>(
        options,
        "shm",
        ("rate over shared memory by bytes of a message", "rtrb"),
        move || shm::pair::<W>(shared, false),
        move || ring::pair::<W>(room),
    ));
    all.push(question::<W, _, _>(
        options,
        "unix",
        ("rate over Unix sockets by bytes of a message", "std-unix"),
        move || stream::pair::<W>(unix, false),
        move || socket::pair::<W, UnixStream>(Wait::Poll, batch, Shape::OneWay),
    ));
}

fn question<'a, const W: usize, O: Port<W> + Send, T: Port<W> + Send>(
    options: &'a Options,
    path: &str,
    (plot, peer): (&'static str, &'static str),
    ours: impl Fn() -> (O, O) + 'a,
    theirs: impl Fn() -> (T, T) + 'a,
) -> Question<'a> {
    let body = options.body::<W>();
    let count = (options.messages * 4 / W.max(8)).max(500);
    Question {
        name: format!("size/{path}/{}", W * 8),
        peer,
        unit: Unit::MillionsPerSecond,
        goal: Goal::None,
        plot: Some((plot, (W * 8) as f64)),
        ours: Box::new(move || Figure::Value(rate(options.cores, count, &body, ours()))),
        theirs: Box::new(move || Figure::Value(rate(options.cores, count, &body, theirs()))),
    }
}
