//! Three handlers through a router, compared with the same three called through pointers. `paths direct` compares with calls by hand.

use std::hint::black_box;

use mycelium_benches::mean;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::{Best, Board, Firm, Volume};
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_benches::peers::dispatch::{Handler, boxed, closures};

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    vec![
        question(options, "boxed-dyn", through_boxes),
        question(options, "borrowed-dyn", through_references),
        question(options, "boxed-closures", through_closures),
    ]
}

fn question<'a>(options: &'a Options, peer: &'static str, theirs: fn(&Options) -> Figure) -> Question<'a> {
    Question {
        name: "direct/three-handlers".to_owned(),
        peer,
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.0),
        plot: None,
        ours: Box::new(move || routed(options)),
        theirs: Box::new(move || theirs(options)),
    }
}

fn routed(options: &Options) -> Figure {
    let mut board = Board::empty();
    mean::of_quotes(options, |quote| {
        board.route_quote(quote);
        black_box(&mut board);
    })
}

// For the compiler, the targets of the pointers might change with each quote, so it can't devirtualise the calls.

fn through_boxes(options: &Options) -> Figure {
    let mut handlers = boxed();
    mean::of_quotes(options, |quote| {
        handlers.iter_mut().for_each(|handler| handler.handle(quote));
        black_box(&mut handlers);
    })
}

fn through_references(options: &Options) -> Figure {
    let (mut best, mut volume, mut firm) = (Best::default(), Volume::default(), Firm::default());
    let mut handlers: [&mut dyn Handler; 3] = [&mut best, &mut volume, &mut firm];
    mean::of_quotes(options, |quote| {
        handlers.iter_mut().for_each(|handler| handler.handle(quote));
        black_box(&mut handlers);
    })
}

fn through_closures(options: &Options) -> Figure {
    let mut handlers = closures();
    mean::of_quotes(options, |quote| {
        handlers.iter_mut().for_each(|handler| handler(quote));
        black_box(&mut handlers);
    })
}
