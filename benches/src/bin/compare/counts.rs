//! The cost of more handlers and more links.

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

use mycelium_benches::cores::pin;
use mycelium_benches::messages::Quote;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::quotes;
use mycelium_benches::ours::stream::{self, Socket};
use mycelium_benches::ours::{BODY_ID, Wait, shm};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::peers::broadcast::Broadcast;
use mycelium_rt::{routing_config, service};
use zerocopy::IntoBytes;

/// Sums the offered quantity.
#[derive(Debug, Default)]
struct Sum {
    offered: u64,
}

#[service]
impl Sum {
    #[handle]
    fn on_quote(&mut self, quote: &Quote) {
        self.offered = self.offered.wrapping_add(quote.ask_size);
    }
}

/// Expands to a router with as many handlers as names.
macro_rules! board {
    ($name:ident: $($service:ident)*) => {
        routing_config! {
            name: $name,
            services: { $($service: Sum),* },
            routes: { Quote => [$($service),*] },
        }

        impl Default for $name {
            fn default() -> Self {
                $(let $service = Sum::default();)*
                Self::new($($service),*)
            }
        }
    };
}

board!(One: a);
board!(Four: a b c d);
board!(Sixteen: a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af);
board!(SixtyFour:
    a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf
    c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 ca cb cc cd ce cf d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 da db dc dd de df
);

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut all = vec![
        handlers::<One>(options, 1, One::route_quote),
        handlers::<Four>(options, 4, Four::route_quote),
        handlers::<Sixteen>(options, 16, Sixteen::route_quote),
        handlers::<SixtyFour>(options, 64, SixtyFour::route_quote),
    ];
    for count in [1, 4, 16, 64] {
        all.push(links(options, count));
    }
    all
}

/// A message to many handlers in one thread, against tokio's broadcast to as many receivers.
fn handlers<'a, B: Default + 'a>(options: &'a Options, count: usize, route: fn(&mut B, &Quote)) -> Question<'a> {
    let body = options.body::<8>();
    let turns = options.messages.div_ceil(count * 8);
    Question {
        name: format!("handlers/{count}"),
        peer: "tokio-broadcast",
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.0),
        plot: Some(("cost of a message by the number of its handlers", count as f64)),
        ours: Box::new(move || {
            pin(options.cores.near);
            let (quotes, mut board) = (quotes(options.seed, 128), B::default());
            mean(turns, |turn| {
                route(&mut board, black_box(&quotes[turn % quotes.len()]));
                black_box(&mut board);
            })
        }),
        theirs: Box::new(move || {
            pin(options.cores.near);
            let mut bus = Broadcast::<8>::new(count);
            mean(turns, |_| {
                black_box(bus.publish(black_box(&body)));
            })
        }),
    }
}

/// A message over one of many links that end in one thread, each in turn: shared memory against Unix sockets.
fn links(options: &Options, count: usize) -> Question<'_> {
    let body = options.body::<8>();
    let turns = options.messages.div_ceil(200);
    let shared = shm::Setup { slots: 64, wait: Wait::Poll, batch: 1 };
    let socket = stream::Setup { socket: Socket::Unix, wait: Wait::Poll, batch: 1 };
    Question {
        name: format!("links/{count}"),
        peer: "ours-unix",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        plot: Some(("cost of a message by the number of links to one input", count as f64)),
        ours: Box::new(move || {
            let (mut links, mut input) = shm::fan_in::<8>(shared, count);
            around(
                options,
                turns,
                |turn| {
                    let link = &mut links[turn % count];
                    link.send_bytes(BODY_ID, black_box(body.as_bytes())).expect("a link with room");
                    link.flush();
                },
                || input.poll(|_, _, body| use_up(body)),
            )
        }),
        theirs: Box::new(move || {
            let (mut links, mut input) = stream::fan_in::<8>(socket, count);
            around(
                options,
                turns,
                |turn| links[turn % count].send_bytes(BODY_ID, black_box(body.as_bytes())).expect("a link with room"),
                || input.poll(|_, _, body| use_up(body)),
            )
        }),
    }
}

/// A receiver that does nothing, which the compiler can't see.
fn use_up(body: &[u8]) -> Result<(), Infallible> {
    black_box(body);
    Ok(())
}

/// Sends a message over one of the links, and receives it.
fn around(options: &Options, turns: usize, mut send: impl FnMut(usize), mut take: impl FnMut() -> usize) -> Figure {
    pin(options.cores.near);
    mean(turns, |turn| {
        send(turn);
        while take() == 0 {}
    })
}

/// The mean time of a turn in nanoseconds, after a tenth as many to warm up.
pub(super) fn mean(turns: usize, mut turn: impl FnMut(usize)) -> Figure {
    (0..turns / 10).for_each(&mut turn);
    let begin = Instant::now();
    (0..turns).for_each(&mut turn);
    Figure::Value(begin.elapsed().as_nanos() as f64 / turns as f64)
}
