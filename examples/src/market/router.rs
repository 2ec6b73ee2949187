//! The routes of the desk in one thread.

use contracts::{Bar, BarDone, BarSettled, Breach, Fill, Order, RunDone, Signal};
use mycelium_rt::routing_config;

use super::services::{Execution, Ledger, PaperVenue, Report, RiskManager, SpreadStrategy};

routing_config! {
    /// The desk in one thread: every arrow of the module's diagram is a direct, inlined call, except for the two back edges.
    name: pub Market,
    contracts: contracts,
    services: {
        spread: SpreadStrategy<64>,
        risk: RiskManager,
        execution: Execution<PaperVenue>,
        ledger: Ledger,
        report: Report,
    },
    routes: {
        Bar => [spread, ledger, report],
        Signal => [risk, report],
        Order => [execution, report],
        Fill => [ledger, report, risk via local(4)],
        Breach => [report, spread via local(4)],
    },
    // These synchronise several processes; one thread needs none of them.
    ignore: [BarDone, BarSettled, RunDone],
}

/// A new desk, without positions.
pub fn desk() -> Market {
    Market::new(
        SpreadStrategy::default(),
        RiskManager::default(),
        Execution::default(),
        Ledger::default(),
        Report::default(),
    )
}
