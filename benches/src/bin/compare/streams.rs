//! Sockets, compared with tokio's streams.

use mycelium_benches::bare::socket::{self, Shape, Stream};
use mycelium_benches::options::Options;
use mycelium_benches::ours::Wait;
use mycelium_benches::ours::stream::{self, Socket};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::peers::stream::Tokio;
use mycelium_benches::port::{latency, rate};
use tokio::net::{TcpStream, UnixStream};

/// Bytes of a batch.
const BULK: usize = 64 * 1024;

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut all = Vec::new();
    against::<Tokio<UnixStream>>(options, Socket::Unix, "unix", "tokio-unix", &mut all);
    against::<Tokio<TcpStream>>(options, Socket::Tcp, "tcp", "tokio-tcp", &mut all);
    all
}

/// Both sides sleep when there is no message.
fn against<'a, S: Stream + 'a>(
    options: &'a Options,
    socket: Socket,
    name: &str,
    peer: &'static str,
    all: &mut Vec<Question<'a>>,
) {
    let (cores, body) = (options.cores, options.body::<8>());
    let question = |what: &str,
                    unit,
                    ours: Box<dyn FnMut() -> Figure + 'a>,
                    theirs: Box<dyn FnMut() -> Figure + 'a>| {
        Question { name: format!("streams/{name}/{what}"), peer, unit, goal: Goal::None, plot: None, ours, theirs }
    };
    let ours = move || stream::pair::<8>(stream::Setup { socket, wait: Wait::Block, batch: 1 }, true);
    let trips = options.round_trips.div_ceil(20);
    all.push(question(
        "latency",
        Unit::Nanoseconds,
        Box::new(move || Figure::Times(latency(cores, trips, &body, ours()))),
        Box::new(move || {
            Figure::Times(latency(cores, trips, &body, socket::pair::<8, S>(Wait::Block, 1, Shape::Duplex)))
        }),
    ));
    let batch = BULK / 64;
    let messages = options.messages;
    all.push(question(
        "rate/batched",
        Unit::MillionsPerSecond,
        Box::new(move || {
            let ends = stream::pair::<8>(stream::Setup { socket, wait: Wait::Block, batch: batch as u32 }, false);
            Figure::Value(rate(cores, messages, &body, ends))
        }),
        Box::new(move || {
            let ends = socket::pair::<8, S>(Wait::Block, batch, Shape::OneWay);
            Figure::Value(rate(cores, messages, &body, ends))
        }),
    ));
}
