//! What costs nothing: calls through a router, and messages read in place.

use std::hint::black_box;
use std::time::Instant;

use mycelium_benches::cores::pin;
use mycelium_benches::messages::Quote;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::{Board, number, number_by_hand, quotes};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_rt::Message;

/// So many stay in the fastest cache.
const QUOTES: u64 = 128;

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    vec![routed(options), decoded(options)]
}

/// Three handlers through a router against the same three called by hand.
fn routed(options: &Options) -> Question<'_> {
    question(
        options,
        "direct/three-handlers",
        Goal::AtMost(1.05),
        || {
            let mut board = Board::empty();
            move |quote: &Quote| {
                board.route_quote(quote);
                black_box(&mut board);
            }
        },
        || {
            let mut board = Board::empty();
            move |quote: &Quote| {
                board.by_hand(quote);
                black_box(&mut board);
            }
        },
    )
}

/// 64 bytes to a message in place.
fn decoded(options: &Options) -> Question<'_> {
    question(
        options,
        "read/in-place",
        Goal::None,
        || {
            |quote: &Quote| {
                black_box(number(quote.as_bytes()));
            }
        },
        || {
            |quote: &Quote| {
                black_box(number_by_hand(quote.as_bytes()));
            }
        },
    )
}

fn question<'a, O: FnMut(&Quote), T: FnMut(&Quote)>(
    options: &'a Options,
    name: &str,
    goal: Goal,
    ours: impl Fn() -> O + 'a,
    theirs: impl Fn() -> T + 'a,
) -> Question<'a> {
    Question {
        name: name.to_owned(),
        peer: "by-hand",
        unit: Unit::Nanoseconds,
        goal,
        plot: None,
        ours: Box::new(move || each(options, ours())),
        theirs: Box::new(move || each(options, theirs())),
    }
}

/// The mean time of one quote, in nanoseconds, without that of the loop.
fn each(options: &Options, mut take: impl FnMut(&Quote)) -> Figure {
    pin(options.cores.near);
    let quotes = quotes(options.seed, QUOTES);
    let rounds = options.messages.div_ceil(quotes.len());
    let empty = rounds_of(rounds, &quotes, |quote| {
        black_box(quote);
    });
    let full = rounds_of(rounds, &quotes, |quote| take(black_box(quote)));
    Figure::Value((full - empty).max(0.01))
}

#[inline(never)]
fn rounds_of(rounds: usize, quotes: &[Quote], mut take: impl FnMut(&Quote)) -> f64 {
    let begin = Instant::now();
    for _ in 0..rounds {
        quotes.iter().for_each(&mut take);
    }
    begin.elapsed().as_nanos() as f64 / (rounds * quotes.len()) as f64
}
