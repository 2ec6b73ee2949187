//! Calls through a router, and messages read in place.

use std::hint::black_box;

use mycelium_benches::mean;
use mycelium_benches::messages::Quote;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::{Board, number, number_by_hand};
use mycelium_benches::pairs::{Goal, Question, Unit};
use mycelium_rt::Message;

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

/// 64 bytes read as a message in place.
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
        ours: Box::new(move || mean::of_quotes(options, ours())),
        theirs: Box::new(move || mean::of_quotes(options, theirs())),
    }
}
