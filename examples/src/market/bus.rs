//! The desk on a bus: the same services, each on a task of its own. They know each other only by their messages.
//!
//! # Why the result is the same
//!
//! In one thread, everything that follows from a bar has happened before the next bar: fills have reached risk, breaches have
//! reached the strategy. On a bus, each service runs at its own pace. So the next bar is published when all services are
//! [idle](Runtime::idle): then everything that follows from the previous bar has been handled. Of the messages that follow from
//! one bar, only sums and positions of one index depend on each other, and these messages go through one inbox, in order.

use std::time::Duration;

use contracts::Bar;
use mycelium_rt::bus::{Bus, BusError, Ended, Runtime, ServiceError};

use super::services::{Execution, Ledger, PaperVenue, Report, RiskManager, SpreadStrategy};
use super::summary::Summary;

/// How long the services may take to end. They have nothing left to do by then.
const DEADLINE: Duration = Duration::from_secs(10);

/// Why a run has no result.
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
    /// A receiver had no room for a message.
    #[error("{messages} messages `{message}` were dropped")]
    Dropped {
        /// The message.
        message: &'static str,
        /// How many were dropped.
        messages: u64,
    },
}

/// The result of a desk on a bus after all `bars`. `hold` is called while the desk still runs; it may block its thread.
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
