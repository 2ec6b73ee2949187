//! Messages read and written, beside serialisers.

use std::hint::black_box;
use std::time::Instant;

use mycelium_benches::cores::pin;
use mycelium_benches::formats::{Aligned, Bincode, Flatbuffers, Format, InPlace, Prost, Rkyv};
use mycelium_benches::messages::QuoteFields;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::quotes;
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};

/// So many stay in the fastest cache.
const QUOTES: u64 = 128;

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

/// What is done with all fields, so that each has to be read.
#[inline(always)]
fn together(quote: &QuoteFields) -> u64 {
    let flags = u64::from(quote.venue as u8) << 1 | u64::from(quote.firm);
    let prices = quote.bid.0 as u64 ^ quote.ask.0 as u64;
    quote.day.0 ^ flags ^ prices ^ quote.bid_size ^ quote.ask_size ^ quote.number ^ quote.origin
}

fn read<F: Format>(options: &Options, take: impl FnMut(&[u8])) -> f64 {
    let mut format = F::default();
    let messages: Vec<_> = fields(options).iter().map(|quote| Aligned::copy(format.write(quote))).collect();
    each(options, &messages, Aligned::bytes, take)
}

fn write<F: Format>(options: &Options) -> f64 {
    let mut format = F::default();
    each(
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

/// The mean time of a message in nanoseconds, without that of the loop.
fn each<T, U: ?Sized>(options: &Options, messages: &[T], view: impl Fn(&T) -> &U, mut take: impl FnMut(&U)) -> f64 {
    pin(options.cores.near);
    let rounds = options.messages.div_ceil(messages.len());
    let empty = rounds_of(rounds, messages, |message| {
        black_box(view(message));
    });
    let full = rounds_of(rounds, messages, |message| take(black_box(view(message))));
    (full - empty).max(0.01)
}

#[inline(never)]
fn rounds_of<T>(rounds: usize, messages: &[T], mut take: impl FnMut(&T)) -> f64 {
    let begin = Instant::now();
    for _ in 0..rounds {
        messages.iter().for_each(&mut take);
    }
    begin.elapsed().as_nanos() as f64 / (rounds * messages.len()) as f64
}
