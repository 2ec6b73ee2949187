//! How often a receiver gets messages: `sample`, `throttle` and `debounce` of a route.
//!
//! Each receiver with a pace has a [`Paced`], in the core of the driver that hands messages over to it. A message is offered to it just before
//! the hand-over. What it holds back is handed over by the turn in which that is due, or before the next message of the same key if that comes
//! first. So what a receiver gets depends on when messages came, and not on when turns were taken.

mod index;
mod paced;

use std::time::Duration;

use super::PaceStats;
use crate::counters::PaceWords;
use crate::time::Ticks;

pub use self::paced::Paced;
pub(super) use self::paced::Verdict;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The newest of each period, at its end. Periods begin at multiples of their length.
    Sample(Duration),
    /// The first, then none until the period is over.
    Throttle(Duration),
    /// The newest, once nothing has come for that long.
    Debounce(Duration),
}

/// The pace of one receiver of a message.
#[derive(Clone, Copy, Debug)]
pub struct PaceSpec {
    /// The message's name.
    pub message: &'static str,
    /// The service or link, as the router calls it.
    pub receiver: &'static str,
    /// How often.
    pub pace: Pace,
    /// How many keys there may be at the same time; 1 without keys.
    pub keys: usize,
}

/// A time of the router's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub(crate) Ticks);

impl Moment {
    /// The end of time: nothing is due.
    pub const NEVER: Self = Self(Ticks::NEVER);

    /// The earlier one.
    #[inline]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }
}

/// The paces of a router: a struct with a [`Paced`] for each, written by the macro.
pub trait Paces {
    /// Shows each of those that are here, in declared order.
    fn each(&self, show: &mut dyn FnMut(&'static PaceSpec, PaceCounts));
}

impl Paces for () {
    fn each(&self, _: &mut dyn FnMut(&'static PaceSpec, PaceCounts)) {}
}

/// What a pace has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaceCounts {
    pub(crate) thinned: u64,
    pub(crate) too_many_keys: u64,
}

impl PaceCounts {
    /// What other threads see of it.
    pub(crate) fn published(words: &PaceWords) -> Self {
        Self { thinned: words.thinned.get(), too_many_keys: words.too_many_keys.get() }
    }
}

/// The counters of a pace.
pub(crate) fn pace_stats(spec: &PaceSpec, counts: PaceCounts) -> PaceStats {
    let PaceCounts { thinned, too_many_keys } = counts;
    PaceStats { message: spec.message, receiver: spec.receiver, thinned, too_many_keys }
}

/// What distinguishes the messages of one key: `by` of a pace.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key",
    label = "this is the key of a message",
    note = "a key is an integer, a `bool` or a `char`: write `by = |message| …` with one of these as its value"
)]
pub trait Key {
    /// Equal for equal keys only.
    fn number(self) -> u64;
}

macro_rules! keys {
    ($($ty:ty),*) => {$(
        impl Key for $ty {
            #[inline(always)]
            #[allow(clippy::cast_lossless, clippy::cast_sign_loss)]
            fn number(self) -> u64 {
                self as u64
            }
        }
    )*};
}

keys!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, bool, char);

/// The key of a message. It gives the closure its type, so that its user need not write one.
#[inline(always)]
pub fn key_of<M, K: Key>(message: &M, key: impl FnOnce(&M) -> K) -> u64 {
    key(message).number()
}

#[cfg(test)]
mod tests;
