//! The desk on two lanes, each a thread: one trades, the other keeps the books.
//!
//! # Why the result is the same
//!
//! In one thread, the ledger sees the fills that follow from a bar before the bar itself, because `spread` is first in the route of
//! `Bar`. The same holds on lanes: a source on the trading lane brings in the bars. It passes each bar to `spread`, and to the other
//! lane only after everything that follows. All messages from one lane to the other go through one ring, in the order of emission,
//! so the books see exactly the same sequence as in one thread, a little later.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use std::vec::IntoIter;

use contracts::{Bar, BarDone, BarSettled, Breach, Fill, Order, RunDone, Signal};
use mycelium_rt::lane::{Left, Running, StartError};
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};

use super::services::{Execution, Ledger, PaperVenue, Report, RiskManager, SpreadStrategy};
use super::summary::Summary;

/// How long the lanes may take to end. They have nothing left to do by then.
const DEADLINE: Duration = Duration::from_secs(10);

/// How often to check that the lanes still run while they hold.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Brings the bars in, one after the other.
#[derive(Debug)]
pub struct Replay {
    bars: IntoIter<Bar>,
    /// Receives a message when all bars are in, if the lanes are to hold after that.
    hold: Option<Sender<()>>,
}

#[service]
impl Replay {
    #[source]
    fn next_bar(&mut self, cx: &mut impl Emit<Bar>) -> SourceState {
        match self.bars.next() {
            Some(bar) => {
                cx.emit(&bar);
                SourceState::Ready
            }
            None => self.rest(),
        }
    }
}

impl Replay {
    fn rest(&self) -> SourceState {
        match &self.hold {
            None => SourceState::Finished,
            Some(hold) => {
                // An error: the receiver is gone, and shuts the lanes down.
                let _ = hold.send(());
                SourceState::IdleFor(Duration::from_secs(3600))
            }
        }
    }
}

routing_config! {
    /// The desk on two lanes.
    name: pub LanedMarket,
    contracts: contracts,
    services: {
        replay: Replay,
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
    lanes: { trading: thread [replay, spread, risk, execution], books: thread [ledger, report] },
    ignore: [BarDone, BarSettled, RunDone],
}

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The lanes did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A lane stopped early.
    #[error("lane `{lane}` stopped: {reason}")]
    Broken {
        /// The lane.
        lane: &'static str,
        /// Why.
        reason: String,
    },
    /// Messages were left at the end.
    #[error("left at the end: {0}")]
    Left(Left),
}

/// The result of a desk on lanes after all `bars`. `hold` is called while the desk still runs.
///
/// # Errors
/// Each [`DeskError`].
pub fn run(bars: Vec<Bar>, hold: Option<fn()>) -> Result<Summary, DeskError> {
    let (all_in, told) = channel();
    let services = LanedMarketServices {
        replay: Replay { bars: bars.into_iter(), hold: hold.map(|_| all_in) },
        spread: SpreadStrategy::default(),
        risk: RiskManager::default(),
        execution: Execution::default(),
        ledger: Ledger::default(),
        report: Report::default(),
    };
    let running = LanedMarket::start(services, &Config::new())?;
    let ended = match hold {
        // It ends by itself: the source has finished, and everything is delivered.
        None => running.join(),
        Some(hold) => {
            if are_all_in(&running, &told) {
                hold();
            }
            running.shutdown(DEADLINE)
        }
    };
    if let Some(broken) = ended.broken {
        return Err(DeskError::Broken { lane: broken.lane, reason: broken.reason });
    }
    if !ended.left.is_empty() {
        return Err(DeskError::Left(ended.left));
    }
    Ok(Summary::of(&ended.services.ledger, &ended.services.report))
}

/// Waits until all bars are in; false if a lane has ended before that.
fn are_all_in(running: &Running<LanedMarket>, told: &Receiver<()>) -> bool {
    while running.is_running() {
        match told.recv_timeout(LOOK_EVERY) {
            Ok(()) => return true,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    false
}
