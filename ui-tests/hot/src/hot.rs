//! The two functions that are compared, under the names by which the test finds them.

use contracts::{Bar, Breach, Fill, Order, Signal};
use mycelium_examples::market::router::Market;
use mycelium_examples::market::services::{
    Decision, Ledger, Legs, PaperVenue, Report, RiskManager, SpreadStrategy, Venue,
};

/// What the router generates.
// SAFETY: no other symbol of a program that links this crate has this name.
#[unsafe(no_mangle)]
pub fn mycelium_hot_routed(market: &mut Market, bar: &Bar) {
    market.route_bar(bar);
}

/// The same desk as an expert would write it without any framework, with the same care: what waits is bounded, losses are
/// counted by kind, and a loop without end is given up.
pub struct Desk {
    spread: SpreadStrategy<64>,
    risk: RiskManager,
    venue: PaperVenue,
    ledger: Ledger,
    report: Report,
    later: heapless::Deque<Later, 8>,
    waiting: [usize; 2],
    lost: [u64; 2],
    given_up: u64,
}

/// What waits until the bar is through.
enum Later {
    Fill(Fill),
    Breach(Breach),
}

const FILLS: usize = 0;
const BREACHES: usize = 1;
/// The most messages of one kind that may wait.
const SHARE: usize = 4;
/// The most messages that are delivered after one bar.
const LIMIT: u32 = 1_000_000;

/// What one writes by hand.
// SAFETY: no other symbol of a program that links this crate has this name.
#[unsafe(no_mangle)]
pub fn mycelium_hot_by_hand(desk: &mut Desk, bar: &Bar) {
    for signal in desk.spread.update(bar).into_iter().flat_map(Legs::in_order) {
        desk.on_signal(&signal);
    }
    desk.ledger.mark(bar);
    desk.report.bars += 1;
    for _ in 0..LIMIT {
        match desk.later.pop_front() {
            Some(Later::Fill(fill)) => {
                desk.waiting[FILLS] -= 1;
                desk.risk.apply(&fill);
            }
            Some(Later::Breach(breach)) => {
                desk.waiting[BREACHES] -= 1;
                desk.spread.retreat(&breach);
            }
            None => return,
        }
    }
    desk.give_up();
}

impl Desk {
    #[inline(always)]
    fn on_signal(&mut self, signal: &Signal) {
        match self.risk.check(signal) {
            Decision::Nothing => {}
            Decision::Send(order) => self.on_order(&order),
            Decision::Refuse(breach) => self.on_breach(breach),
        }
        self.report.signals += 1;
    }

    #[inline(always)]
    fn on_order(&mut self, order: &Order) {
        let Ok(fill) = self.venue.execute(order);
        self.ledger.book(&fill);
        self.report.fills += 1;
        self.later(FILLS, Later::Fill(fill));
        self.report.orders += 1;
    }

    #[inline(always)]
    fn on_breach(&mut self, breach: Breach) {
        self.report.breaches += 1;
        self.later(BREACHES, Later::Breach(breach));
    }

    #[inline(always)]
    fn later(&mut self, kind: usize, message: Later) {
        if self.waiting[kind] < SHARE && self.later.push_back(message).is_ok() {
            self.waiting[kind] += 1;
        } else {
            cold_path();
            self.lost[kind] += 1;
        }
    }

    #[inline(always)]
    fn give_up(&mut self) {
        cold_path();
        if self.later.is_empty() {
            return;
        }
        self.given_up += 1;
        for (lost, waiting) in self.lost.iter_mut().zip(&mut self.waiting) {
            *lost += *waiting as u64;
            *waiting = 0;
        }
        self.later.clear();
    }
}

/// Tells the compiler that the branch that calls it is taken seldom.
#[cold]
const fn cold_path() {}
