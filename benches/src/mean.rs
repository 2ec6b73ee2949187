//! The time of operations on one core that are too short to be timed alone: the mean of many, without the loop around them.

use std::hint::black_box;
use std::time::Instant;

use crate::cores::pin;
use crate::messages::Quote;
use crate::options::Options;
use crate::ours::direct::quotes;
use crate::pairs::Figure;

/// This many quotes fit in the L1 cache.
pub const QUOTES: u64 = 128;

/// The mean time of one quote, in nanoseconds.
pub fn of_quotes(options: &Options, take: impl FnMut(&Quote)) -> Figure {
    Figure::Value(of_each(options, &quotes(options.seed, QUOTES), |quote| quote, take))
}

/// The mean time of one message as `view` shows it, in nanoseconds.
pub fn of_each<T, U: ?Sized>(
    options: &Options,
    messages: &[T],
    view: impl Fn(&T) -> &U,
    mut take: impl FnMut(&U),
) -> f64 {
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
