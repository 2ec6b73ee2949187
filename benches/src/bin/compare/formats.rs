//! Messages read and written, compared with serialisers.

use std::hint::black_box;

use mycelium_benches::formats::{Aligned, Bincode, Flatbuffers, Format, InPlace, Prost, Rkyv};
use mycelium_benches::mean::{self, QUOTES};
use mycelium_benches::messages::QuoteFields;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::quotes;
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut all = Vec::new();
    against::<Prost>(options, "prost", &mut all);
    against::<Flatbuffers>(options, "flatbuffers", &mut all);
    against::<Rkyv>(options, "rkyv", &mut all);
    against::<Bincode>(options, "bincode", &mut all);
    all
}

fn against<'a, F: Format>(options: &'a Options, peer: &'static str, all: &mut Vec<Question<'a>>) {
    let question = |name: &str, ours: fn(&Options) -> f64, theirs: fn(&Options) -> f64| Question {
        name: format!("format/{name}"),
        peer,
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.0),
        plot: None,
        ours: Box::new(move || Figure::Value(ours(options))),
        theirs: Box::new(move || Figure::Value(theirs(options))),
    };
    all.push(question("read-one-field", read_one::<InPlace>, read_one::<F>));
    all.push(question("read-all-fields", read_all::<InPlace>, read_all::<F>));
    all.push(question("write", write::<InPlace>, write::<F>));
}

fn read_one<F: Format>(options: &Options) -> f64 {
    read::<F>(options, |bytes| {
        black_box(F::number(bytes));
    })
}

fn read_all<F: Format>(options: &Options) -> f64 {
    read::<F>(options, |bytes| {
        if let Some(quote) = F::all(bytes) {
            black_box(together(&quote));
        }
    })
}

/// Combines all fields, so that each has to be read.
#[inline(always)]
fn together(quote: &QuoteFields) -> u64 {
    let flags = u64::from(quote.venue as u8) << 1 | u64::from(quote.firm);
    let prices = quote.bid.0 as u64 ^ quote.ask.0 as u64;
    quote.day.0 ^ flags ^ prices ^ quote.bid_size ^ quote.ask_size ^ quote.number ^ quote.origin
}

fn read<F: Format>(options: &Options, take: impl FnMut(&[u8])) -> f64 {
    let mut format = F::default();
    let messages: Vec<_> = fields(options).iter().map(|quote| Aligned::copy(format.write(quote))).collect();
    mean::of_each(options, &messages, Aligned::bytes, take)
}

fn write<F: Format>(options: &Options) -> f64 {
    let mut format = F::default();
    mean::of_each(
        options,
        &fields(options),
        |quote| quote,
        |quote| {
            black_box(format.write(quote));
        },
    )
}

fn fields(options: &Options) -> Vec<QuoteFields> {
    quotes(options.seed, QUOTES).iter().map(QuoteFields::from).collect()
}
