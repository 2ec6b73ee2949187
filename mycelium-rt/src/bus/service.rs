//! A running service, seen from outside.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::registration::Cancel;
use super::runtime::Stage;
use super::within;
use crate::counters::{Counter, Group, ServiceWords};
use crate::routing::HookError;

/// The counters of a service.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) received: Counter,
    pub(super) emitted: Counter,
    pub(super) refused: Counter,
    pub(super) left: Counter,
    pub(super) words: Group<ServiceWords>,
    pub(super) metrics: Metrics,
}

/// The counters of a service; a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BusServiceStats {
    /// Messages that its handlers took.
    pub received: u64,
    /// Messages that it emitted.
    pub emitted: u64,
    /// Calls of handlers, sources, timers and `run` that returned an error.
    pub handler_errors: u64,
    /// Messages that could not be handed to a handler.
    pub refused: u64,
    /// Messages that were dropped because the inbox of the service was full, counted when they are dropped.
    pub lagged: u64,
    /// Messages that were not handled when it ended, by a failure or at a deadline.
    pub left: u64,
    /// The number of panics so far.
    pub panics: u64,
    /// Messages lost in panics: the current one, or all that were delivered together.
    pub lost_in_panics: u64,
    /// The number of restarts, after a panic or an error of `run`.
    pub restarts: u64,
    /// Ticks of its timers that were skipped, since they were late by a period or more, and by 10 ms at least.
    pub missed_ticks: u64,
    /// Its own [`Metrics`], by name.
    pub metrics: Vec<(&'static str, u64)>,
}

impl Tally {
    /// For a service whose inbox had no room for `lagged` messages.
    pub(super) fn snapshot(&self, lagged: u64) -> BusServiceStats {
        BusServiceStats {
            received: self.received.get(),
            emitted: self.emitted.get(),
            handler_errors: self.words.errors.get(),
            refused: self.refused.get(),
            lagged,
            left: self.left.get(),
            panics: self.words.panics.get(),
            lost_in_panics: self.words.lost_in_panics.get(),
            restarts: self.words.restarts.get(),
            missed_ticks: self.words.missed_ticks.get(),
            metrics: self.metrics.snapshot(),
        }
    }
}

/// Why a service did not end regularly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Its `startup` failed, so no message was delivered to it.
    #[error("`{service}` did not start: {error}")]
    Startup {
        /// The service.
        service: String,
        /// The error of `startup`.
        error: HookError,
    },
    /// Its `run` returned an error, and it was not restarted, or not again.
    #[error("`{service}` failed: {error}")]
    Run {
        /// The service.
        service: String,
        /// The error of `run`.
        error: HookError,
    },
    /// It panicked, and was not restarted, or not again.
    #[error("`{service}` panicked: {text}")]
    Panicked {
        /// The service.
        service: String,
        /// The message of the panic.
        text: String,
    },
    /// It did not end in time and was cut off, or its tokio runtime is gone.
    #[error("`{service}` was cut off before it ended")]
    CutOff {
        /// The service.
        service: String,
    },
}

/// A service that runs on a bus. If this is dropped, the service goes on until its runtime shuts down.
pub struct ServiceHandle<S> {
    pub(super) name: Arc<str>,
    pub(super) stage: watch::Sender<Stage>,
    pub(super) tally: Arc<Tally>,
    pub(super) cancel: Cancel,
    pub(super) runtime: Handle,
    pub(super) end: oneshot::Receiver<Result<S, ServiceError>>,
}

impl<S> ServiceHandle<S> {
    /// The service's name: the given one, or that of its type.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.cancel.is_finished()
    }

    /// A snapshot of its counters.
    #[must_use]
    pub fn stats(&self) -> BusServiceStats {
        self.tally.snapshot(self.cancel.registration.inbox.dropped())
    }

    /// Waits until it ends by itself, or with its runtime, and gives the service back.
    ///
    /// # Errors
    /// Why it did not end regularly.
    pub async fn join(self) -> Result<S, ServiceError> {
        let cut_off = ServiceError::CutOff { service: self.name.to_string() };
        self.end.await.unwrap_or(Err(cut_off))
    }

    /// Ends the service: it takes no more messages, handles those that it has, and is given back. If that takes longer than
    /// `deadline`, it is cut off where it waits, and its messages are lost. Either way its place on the bus is then free.
    ///
    /// # Errors
    /// Why it did not end regularly: [`ServiceError::CutOff`] after the deadline.
    pub async fn shutdown(self, deadline: Duration) -> Result<S, ServiceError> {
        self.cancel.registration.begin_to_end();
        self.stage.send_replace(Stage::Stopping);
        let (cancel, cut_off) = (self.cancel.clone(), ServiceError::CutOff { service: self.name.to_string() });
        let runtime = self.runtime.clone();
        within(&runtime, deadline, self.join()).await.unwrap_or_else(|| {
            cancel.cut();
            Err(cut_off)
        })
    }

    /// Cuts it off where it waits: the service and its messages are lost. Its place on the bus is free at once.
    pub fn abort(&self) {
        self.cancel.cut();
    }
}

impl<S> fmt::Debug for ServiceHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceHandle").field("service", &self.name).finish_non_exhaustive()
    }
}

/// Counts of a service, under names that it chooses.
///
/// ```
/// use mycelium_rt::bus::Metrics;
///
/// let metrics = Metrics::default();
/// metrics.add("orders", 2);
/// metrics.set("depth", 7);
/// assert_eq!(metrics.snapshot(), [("depth", 7), ("orders", 2)]);
/// ```
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<&'static str, u64>>);

impl Metrics {
    /// Adds to the count called `name`, which begins at zero and saturates.
    pub fn add(&self, name: &'static str, n: u64) {
        self.change(name, |count| count.saturating_add(n));
    }

    /// Sets the count called `name`.
    pub fn set(&self, name: &'static str, value: u64) {
        self.change(name, |_| value);
    }

    fn change(&self, name: &'static str, change: impl FnOnce(u64) -> u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(name).or_default();
        *count = change(*count);
    }

    /// All counts, by name.
    pub fn snapshot(&self) -> Vec<(&'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(name, count)| (*name, *count)).collect()
    }
}
