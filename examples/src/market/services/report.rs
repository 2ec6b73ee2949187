//! Counts of the desk's messages.

use contracts::{Bar, Breach, Fill, Order, Signal};
use mycelium_rt::service;

/// Counts every message of the desk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Bars routed.
    pub bars: u64,
    /// Signals of the strategy.
    pub signals: u64,
    /// Orders sent.
    pub orders: u64,
    /// Orders executed.
    pub fills: u64,
    /// Signals refused.
    pub breaches: u64,
}

#[service]
impl Report {
    #[handle]
    fn on_bar(&mut self, _bar: &Bar) {
        self.bars += 1;
    }

    #[handle]
    fn on_signal(&mut self, _signal: &Signal) {
        self.signals += 1;
    }

    #[handle]
    fn on_order(&mut self, _order: &Order) {
        self.orders += 1;
    }

    #[handle]
    fn on_fill(&mut self, _fill: &Fill) {
        self.fills += 1;
    }

    #[handle]
    fn on_breach(&mut self, _breach: &Breach) {
        self.breaches += 1;
    }
}

impl Report {
    /// All messages counted.
    pub fn total(&self) -> u64 {
        self.bars + self.signals + self.orders + self.fills + self.breaches
    }
}
