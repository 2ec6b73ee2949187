//! The routes of each process: those of the desk in one thread, cut where processes meet.

use mycelium_rt::HandlerFailure;

/// Reports on standard error that a message was not delivered.
fn report(failure: &HandlerFailure<'_>) {
    eprintln!("market-split: {failure}");
}

/// The three routers with links of one kind, and what each process does with its router.
///
/// The addresses are those of a deployment; a run of the example sets its own by `Config`.
macro_rules! over {
    ($kind:ident: $strategy:literal, $desk:literal, $books:literal) => {
        pub(super) mod $kind {
            use contracts::{
                Bar, BarDone, BarDoneFields, BarSettled, Breach, Fill, Order, RunDone, RunDoneFields, Signal,
            };
            use mycelium_rt::{Config, routing_config};

            use crate::market::hold;
            use crate::market::services::{Execution, Ledger, PaperVenue, Report, RiskManager, SpreadStrategy};
            use crate::market::split::minder::Minder;
            use crate::market::split::process::{ProcessError, all_sent};
            use crate::market::split::services::{Answering, Closing, Lockstep};
            use crate::market::summary::Summary;

            routing_config! {
                /// Reads bars, and decides.
                name: pub(crate) Strategy,
                contracts: contracts,
                services: { spread: SpreadStrategy<64>, lockstep: Lockstep },
                inputs: { strategy: $kind($strategy) [Breach, BarSettled] },
                routes: {
                    Bar => [spread, books via $kind($books, batch = 64)],
                    Signal => [desk via $kind($desk), books],
                    Breach => [spread],
                    BarDone => [desk],
                    BarSettled => [lockstep],
                    RunDone => [desk, books],
                },
                ignore: [Order, Fill],
                on_error: continue(hook = crate::market::split::routers::report),
            }

            routing_config! {
                /// Checks the limits, and trades.
                name: pub(crate) Desk,
                contracts: contracts,
                services: {
                    risk: RiskManager,
                    execution: Execution<PaperVenue>,
                    answering: Answering,
                    closing: Closing,
                },
                inputs: { desk: $kind($desk) [Signal, BarDone, RunDone] },
                routes: {
                    Signal => [risk],
                    Order => [execution, books via $kind($books, batch = 64)],
                    Fill => [books, risk via local(4)],
                    Breach => [books, strategy via $kind($strategy)],
                    BarDone => [answering],
                    BarSettled => [strategy],
                    RunDone => [closing, books],
                },
                ignore: [Bar],
                on_error: continue(hook = crate::market::split::routers::report),
            }

            routing_config! {
                /// Keeps the books.
                name: pub(crate) Books,
                contracts: contracts,
                services: { ledger: Ledger, report: Report, closing: Closing },
                inputs: { books: $kind($books) [Bar, Signal, Order, Fill, Breach, RunDone] },
                routes: {
                    Bar => [ledger, report],
                    Signal => [report],
                    Order => [report],
                    Fill => [ledger, report],
                    Breach => [report],
                    RunDone => [closing],
                },
                ignore: [BarDone, BarSettled],
                on_error: continue(hook = crate::market::split::routers::report),
            }

            /// Routes the bars, each when the previous one is settled.
            pub(in crate::market::split) fn strategy(
                bars: &[Bar],
                hold: bool,
                config: &Config,
                minder: &Minder,
            ) -> Result<(), ProcessError> {
                let services = StrategyServices { spread: SpreadStrategy::default(), lockstep: Lockstep::default() };
                let mut router = Strategy::open(services, config)?;
                for (number, bar) in (1..).zip(bars) {
                    router.route_bar(bar);
                    router.route_bar_done(&BarDone::from(BarDoneFields { number }));
                    minder.until(|| (router.poll(), router.lockstep.settled() == number))?;
                }
                if hold {
                    hold::announce();
                    minder.until_released(|| router.poll())?;
                }
                router.route_run_done(&RunDone::from(RunDoneFields { bars: bars.len() as u64 }));
                minder.until_flushed(&mut router, |router| router.flush(), |router| router.poll());
                minder.until_told();
                all_sent(&router.stats())
            }

            /// Trades until the run is over.
            pub(in crate::market::split) fn desk(config: &Config, minder: &Minder) -> Result<(), ProcessError> {
                let services = DeskServices {
                    risk: RiskManager::default(),
                    execution: Execution::default(),
                    answering: Answering,
                    closing: Closing::default(),
                };
                let mut router = Desk::open(services, config)?;
                minder.until(|| (router.poll(), router.closing.ends() == 1))?;
                minder.until_flushed(&mut router, |router| router.flush(), |router| router.poll());
                minder.until_told();
                all_sent(&router.stats())
            }

            /// Books until the run is over on both sides, and returns the result.
            pub(in crate::market::split) fn books(config: &Config, minder: &Minder) -> Result<Summary, ProcessError> {
                let services =
                    BooksServices { ledger: Ledger::default(), report: Report::default(), closing: Closing::default() };
                let mut router = Books::open(services, config)?;
                minder.until(|| (router.poll(), router.closing.ends() == 2))?;
                all_sent(&router.stats())?;
                Ok(Summary::of(&router.ledger, &router.report))
            }
        }
    };
}

over!(shm: "/run/mycelium/market-strategy.shm", "/run/mycelium/market-desk.shm", "/run/mycelium/market-books.shm");
over!(unix: "/run/mycelium/market-strategy.sock", "/run/mycelium/market-desk.sock", "/run/mycelium/market-books.sock");
over!(tcp: "127.0.0.1:17401", "127.0.0.1:17402", "127.0.0.1:17403");
