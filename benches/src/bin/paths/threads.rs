//! Paths between two threads, and between two ends of a socket.

use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use mycelium_benches::bare::socket::Shape;
use mycelium_benches::bare::{ring, socket};
use mycelium_benches::line;
use mycelium_benches::options::Options;
use mycelium_benches::ours::stream::{self, Socket};
use mycelium_benches::ours::{Wait, queue, shm};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::port::{Port, latency, rate};

/// Bytes of a write in rates.
const BULK: usize = 64 * 1024;

pub(super) fn questions<const W: usize>(options: &Options) -> Vec<Question<'_>> {
    let mut all = vec![
        trips::<W, _, _>(
            options,
            "queue/latency",
            "rtrb",
            Goal::AtMost(1.1),
            Wait::Poll,
            || queue::pair::<W>(1024, Wait::Poll),
            || ring::pair::<W>(1024),
        ),
        rates::<W, _, _>(
            options,
            "queue/rate",
            "rtrb",
            Goal::AtLeast(1.0),
            1,
            || queue::pair::<W>(1024, Wait::Poll),
            || ring::pair::<W>(1024),
        ),
        one_thread::<W>(options),
        cache_line::<W>(options),
        rates::<W, _, _>(
            options,
            "shm/rate",
            "rtrb",
            Goal::None,
            1,
            || shm::pair::<W>(shm::Setup { slots: 1024, wait: Wait::Poll, batch: 64 }, false),
            || ring::pair::<W>(1024),
        ),
    ];
    sockets::<W, UnixStream>(options, Socket::Unix, &mut all);
    sockets::<W, TcpStream>(options, Socket::Tcp, &mut all);
    all
}

/// Every mode of one kind of socket.
fn sockets<'a, const W: usize, S: socket::Stream + 'a>(
    options: &'a Options,
    kind: Socket,
    all: &mut Vec<Question<'a>>,
) {
    let (name, peer, two_ways) = match kind {
        Socket::Unix => ("unix", "std-unix", "std-unix-two-ways"),
        Socket::Tcp => ("tcp", "std-tcp", "std-tcp-two-ways"),
    };
    for (mode, wait) in [("polled", Wait::Poll), ("blocking", Wait::Block)] {
        all.push(trips::<W, _, _>(
            options,
            &format!("{name}/latency/{mode}"),
            peer,
            Goal::AtMost(1.15),
            wait,
            move || stream::pair::<W>(stream::Setup { socket: kind, wait, batch: 1 }, true),
            move || socket::pair::<W, S>(wait, 1, Shape::Duplex),
        ));
        all.push(trips::<W, _, _>(
            options,
            &format!("{name}/latency/{mode}"),
            two_ways,
            Goal::None,
            wait,
            move || stream::pair::<W>(stream::Setup { socket: kind, wait, batch: 1 }, true),
            move || socket::pair::<W, S>(wait, 1, Shape::TwoWays),
        ));
    }
    for (mode, wait) in [("polled", Wait::Poll), ("blocking", Wait::Block)] {
        all.push(rates::<W, _, _>(
            options,
            &format!("{name}/rate/single/{mode}"),
            peer,
            Goal::None,
            20,
            move || stream::pair::<W>(stream::Setup { socket: kind, wait, batch: 1 }, false),
            move || socket::pair::<W, S>(wait, 1, Shape::OneWay),
        ));
    }
    let batch = (BULK / (W * 8)).max(1);
    for (mode, wait) in [("polled", Wait::Poll), ("blocking", Wait::Block)] {
        all.push(rates::<W, _, _>(
            options,
            &format!("{name}/rate/batched/{mode}"),
            peer,
            Goal::AtLeast(0.5),
            1,
            move || stream::pair::<W>(stream::Setup { socket: kind, wait, batch: batch as u32 }, false),
            move || socket::pair::<W, S>(wait, batch, Shape::OneWay),
        ));
    }
}

/// A round trip, of which half is reported.
fn trips<'a, const W: usize, O: Port<W> + Send, T: Port<W> + Send>(
    options: &'a Options,
    name: &str,
    peer: &'static str,
    goal: Goal,
    wait: Wait,
    ours: impl Fn() -> (O, O) + 'a,
    theirs: impl Fn() -> (T, T) + 'a,
) -> Question<'a> {
    let body = options.body::<W>();
    // Waking a thread takes a hundred times as long as a cache line.
    let count = if wait == Wait::Block { options.round_trips.div_ceil(20) } else { options.round_trips };
    Question {
        name: name.to_owned(),
        peer,
        unit: Unit::Nanoseconds,
        goal,
        plot: None,
        ours: Box::new(move || Figure::Times(latency(options.cores, count, &body, ours()))),
        theirs: Box::new(move || Figure::Times(latency(options.cores, count, &body, theirs()))),
    }
}

/// Messages one way as fast as possible; fewer by `divisor` where each is slow.
fn rates<'a, const W: usize, O: Port<W> + Send, T: Port<W> + Send>(
    options: &'a Options,
    name: &str,
    peer: &'static str,
    goal: Goal,
    divisor: usize,
    ours: impl Fn() -> (O, O) + 'a,
    theirs: impl Fn() -> (T, T) + 'a,
) -> Question<'a> {
    let body = options.body::<W>();
    // As many bytes as with 64-byte messages, so that a measurement takes about the same time.
    let count = (options.messages / divisor * 8 / W.max(8)).max(100);
    Question {
        name: name.to_owned(),
        peer,
        unit: Unit::MillionsPerSecond,
        goal,
        plot: None,
        ours: Box::new(move || Figure::Value(rate(options.cores, count, &body, ours()))),
        theirs: Box::new(move || Figure::Value(rate(options.cores, count, &body, theirs()))),
    }
}

/// Into a ring and out of it on one thread: the instructions alone, without a cache line that moves.
fn one_thread<const W: usize>(options: &Options) -> Question<'_> {
    let body = options.body::<W>();
    let count = options.messages;
    Question {
        name: "queue/one-thread".to_owned(),
        peer: "rtrb",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        plot: None,
        ours: Box::new(move || Figure::Value(through(options, count, &body, queue::pair::<W>(64, Wait::Poll)))),
        theirs: Box::new(move || Figure::Value(through(options, count, &body, ring::pair::<W>(64)))),
    }
}

fn through<const W: usize, P: Port<W>>(
    options: &Options,
    count: usize,
    body: &[u64; W],
    (mut sender, mut receiver): (P, P),
) -> f64 {
    use std::hint::black_box;
    mycelium_benches::cores::pin(options.cores.near);
    let mut sum = 0;
    let begin = std::time::Instant::now();
    for _ in 0..count {
        sender.send(black_box(body));
        receiver.receive(|body| sum ^= mycelium_benches::port::read(body));
    }
    let time = begin.elapsed().as_nanos() as f64 / count as f64;
    black_box(sum);
    time
}

/// Shared memory against the cache line that it needs at least.
fn cache_line<const W: usize>(options: &Options) -> Question<'_> {
    let body = options.body::<W>();
    let count = options.round_trips;
    let setup = shm::Setup { slots: 1024, wait: Wait::Poll, batch: 1 };
    Question {
        name: "shm/latency".to_owned(),
        peer: "cache-line",
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.3),
        plot: None,
        ours: Box::new(move || {
            Figure::Times(latency::<W, _>(options.cores, count, &body, shm::pair::<W>(setup, true)))
        }),
        theirs: Box::new(move || Figure::Times(line::ping_pong(options.cores, count))),
    }
}
