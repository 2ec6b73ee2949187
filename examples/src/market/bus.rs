//! The desk on a bus: the very same services, each on a task of its own, that know of one another by their messages alone.
//!
//! # Why the result is the same
//!
//! In one thread everything that follows from a bar has happened before the next bar: fills have reached risk, breaches have
//! reached the strategy. On a bus each service goes at its own pace, so the next bar is published when all services are
//! [idle](Runtime::idle): everything that followed from the bar before has been handled then. Among what follows from one bar
//! only sums and positions of one index depend on each other, and those travel in one inbox, in order.

use std::time::Duration;

use contracts::Bar;
use mycelium_rt::bus::{Bus, BusError, Ended, Runtime, ServiceError};

use super::services::{Execution, Ledger, PaperVenue, Report, RiskManager, SpreadStrategy};
use super::summary::Summary;

/// How long the services may take to end; nothing is left for them to do by then.
const DEADLINE: Duration = Duration::from_secs(10);

/// Why a run came to no result.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The program has no tokio runtime to run services on.
    #[error(transparent)]
    NoRuntime(#[from] tokio::runtime::TryCurrentError),
    /// The bus refused a message or a service.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// A service did not end as it should.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Messages or services were left at the end.
    #[error("left at the end: {0:?}")]
    Left(Ended),
    /// Somebody had no room for a message.
    #[error("{messages} messages `{message}` were dropped")]
    Dropped {
        /// The message.
        message: &'static str,
        /// How many of them.
        messages: u64,
    },
}

/// What a desk on a bus comes to after all `bars`. `hold` is called while it still stands; it may block its thread.
///
/// # Errors
/// Each [`DeskError`].
pub async fn run(bars: &[Bar], hold: Option<fn()>) -> Result<Summary, DeskError> {
    let bus = Bus::new();
    let runtime = Runtime::new(&bus)?;
    runtime.spawn(SpreadStrategy::<64>::default())?;
    runtime.spawn(RiskManager::default())?;
    runtime.spawn(Execution::<PaperVenue>::default())?;
    let (ledger, report) = (runtime.spawn(Ledger::default())?, runtime.spawn(Report::default())?);
    let mut publisher = bus.publisher()?;
    for bar in bars {
        publisher.publish(bar);
        runtime.idle().await;
    }
    if let Some(hold) = hold {
        hold();
    }
    match runtime.shutdown(DEADLINE).await {
        ended if ended == Ended::default() => {}
        ended => return Err(DeskError::Left(ended)),
    }
    for topic in bus.stats() {
        if topic.dropped > 0 {
            return Err(DeskError::Dropped { message: topic.message.name, messages: topic.dropped });
        }
    }
    Ok(Summary::of(&ledger.join().await?, &report.join().await?))
}
