//! The strategy: hold the stronger index against the weaker one.

use contracts::{Bar, Breach, Index, Price, Quantity, Signal, SignalFields};
use mycelium_rt::{Emit, service};

use crate::market::per_index::PerIndex;

/// Units of each index in one level of the spread; the NASDAQ trades at about three times the points of the S&P.
const UNITS_PER_LEVEL: PerIndex<i64> = PerIndex { sp500: 30, nasdaq: 10 };
/// The highest level of the strategy.
const MAX_LEVEL: i64 = 3;
/// The distance of today's ratio from its mean, in percent, for each level.
const BAND_PERCENT: i128 = 3;

/// The two signals that change the spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Legs {
    /// The target for the S&P 500.
    pub sp500: Signal,
    /// The target for the NASDAQ Composite.
    pub nasdaq: Signal,
}

impl Legs {
    /// Both signals, the S&P's first.
    #[inline]
    pub fn in_order(self) -> [Signal; 2] {
        [self.sp500, self.nasdaq]
    }
}

/// Follows the ratio of NASDAQ to S&P 500 away from its mean over the last `WINDOW` days.
///
/// With closes `n`, `s` of today and sums `N`, `S` over the window, the ratio is above its mean by the fraction
/// `(n·S − s·N) / (s·N)`. It is only compared with a few thresholds, so no division is needed: everything is exact in
/// integers of 128 bits. `WINDOW` is a power of two.
#[derive(Debug, Clone, PartialEq)]
pub struct SpreadStrategy<const WINDOW: usize> {
    today: PerIndex<Close>,
    history: PerIndex<Window<WINDOW>>,
    /// Whole days in the history, up to `WINDOW`.
    days: usize,
    /// Positive: long NASDAQ, short S&P.
    level: i64,
    /// The level before the last change, to return to if risk refuses the change.
    accepted_level: i64,
    /// The highest level that risk accepts, until the spread changes its side.
    cap: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Close {
    day: u64,
    price: Price,
}

/// The last closes of one index and their sum.
#[derive(Debug, Clone, PartialEq)]
struct Window<const WINDOW: usize> {
    closes: [i64; WINDOW],
    sum: i128,
}

impl<const WINDOW: usize> Window<WINDOW> {
    /// Replaces the oldest close by `close`.
    #[inline]
    fn push(&mut self, day: usize, close: Price) {
        const { assert!(WINDOW.is_power_of_two(), "the window must be a power of two") };
        let oldest = &mut self.closes[day & (WINDOW - 1)];
        self.sum += i128::from(close.0) - i128::from(*oldest);
        *oldest = close.0;
    }
}

impl<const WINDOW: usize> Default for SpreadStrategy<WINDOW> {
    fn default() -> Self {
        let empty = Window { closes: [0; WINDOW], sum: 0 };
        Self {
            today: PerIndex::default(),
            history: PerIndex { sp500: empty.clone(), nasdaq: empty },
            days: 0,
            level: 0,
            accepted_level: 0,
            cap: MAX_LEVEL,
        }
    }
}

#[service]
impl<const WINDOW: usize> SpreadStrategy<WINDOW> {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        for signal in self.update(bar).into_iter().flat_map(Legs::in_order) {
            cx.emit(&signal);
        }
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.retreat(breach);
    }
}

impl<const WINDOW: usize> SpreadStrategy<WINDOW> {
    /// Takes one bar. Once both indices have closed for the day, returns the signals if the spread changes.
    #[inline(always)]
    pub fn update(&mut self, bar: &Bar) -> Option<Legs> {
        *self.today.get_mut(bar.index) = Close { day: bar.day.0, price: bar.close() };
        let PerIndex { sp500, nasdaq } = self.today;
        if sp500.day != nasdaq.day {
            return None;
        }
        let wanted = if self.days >= WINDOW { self.wanted_level(sp500.price, nasdaq.price) } else { 0 };
        self.history.sp500.push(self.days, sp500.price);
        self.history.nasdaq.push(self.days, nasdaq.price);
        // After the first round, only the position in the window matters.
        self.days = if self.days + 1 < 2 * WINDOW { self.days + 1 } else { WINDOW };
        if wanted == self.level {
            return None;
        }
        self.accepted_level = self.level;
        self.level = wanted;
        Some(Legs { sp500: self.signal(bar, Index::Sp500, -wanted), nasdaq: self.signal(bar, Index::Nasdaq, wanted) })
    }

    /// Returns to the level before the refused change, and wants no more until the spread changes its side. The two legs of one
    /// change are refused together, so a breach of another day is an old one.
    #[inline]
    pub fn retreat(&mut self, breach: &Breach) {
        if breach.day.0 != self.today.sp500.day {
            return;
        }
        self.level = self.accepted_level;
        self.cap = self.accepted_level.abs().max(1);
    }

    /// The level for today's closes.
    #[inline]
    fn wanted_level(&mut self, sp500: Price, nasdaq: Price) -> i64 {
        let mean = i128::from(sp500.0) * self.history.nasdaq.sum;
        let excess = i128::from(nasdaq.0) * self.history.sp500.sum - mean;
        let side = if excess < 0 { -1 } else { 1 };
        if side * self.level < 0 {
            self.cap = MAX_LEVEL;
        }
        let bands = bands_passed(excess.abs() * 100, mean * BAND_PERCENT).min(self.cap);
        match (bands, side * self.level) {
            // Between the bands the spread stays until the ratio crosses its mean.
            (0, held) if held > 0 => self.level,
            (0, _) => 0,
            (bands, held) if bands > held => side * bands,
            _ => self.level,
        }
    }

    #[inline]
    fn signal(&self, bar: &Bar, index: Index, level: i64) -> Signal {
        Signal::from(SignalFields {
            day: bar.day,
            index,
            price: self.today.get(index).price,
            target: Quantity(level * *UNITS_PER_LEVEL.get(index)),
        })
    }
}

/// How many whole bands fit into `excess`, at most [`MAX_LEVEL`].
#[inline]
fn bands_passed(excess: i128, band: i128) -> i64 {
    i64::from(excess >= band) + i64::from(excess >= 2 * band) + i64::from(excess >= 3 * band)
}
