//! Positions, cash, and their value.

use contracts::{Bar, Cash, Fill, Price};
use mycelium_rt::service;

use super::risk::signed;
use crate::market::per_index::PerIndex;

/// Keeps the books: the position in each index, the cash, and the last close of each index.
///
/// Amounts are summed in 128 bits of millionths of a dollar; no number of fills within the risk limits can exceed that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    positions: PerIndex<i64>,
    closes: PerIndex<Price>,
    cash: i128,
    fills: u64,
}

#[service]
impl Ledger {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.mark(bar);
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.book(fill);
    }
}

impl Ledger {
    /// Sets the last close of an index.
    #[inline]
    pub fn mark(&mut self, bar: &Bar) {
        *self.closes.get_mut(bar.index) = bar.close();
    }

    /// Adds a fill to positions and cash.
    #[inline]
    pub fn book(&mut self, fill: &Fill) {
        let change = signed(fill.side, fill.quantity);
        *self.positions.get_mut(fill.index) += change;
        self.cash -= i128::from(change) * i128::from(fill.price.0) + i128::from(fill.fee.0);
        self.fills += 1;
    }

    /// Fills booked so far.
    pub fn fills(&self) -> u64 {
        self.fills
    }

    /// Cash plus the value of the positions at the last closes; `None` outside the range of [`Cash`].
    pub fn profit_and_loss(&self) -> Option<Cash> {
        let worth = |position: i64, close: Price| i128::from(position) * i128::from(close.0);
        let total = self.cash
            + worth(self.positions.sp500, self.closes.sp500)
            + worth(self.positions.nasdaq, self.closes.nasdaq);
        i64::try_from(total).ok().map(Cash)
    }
}
