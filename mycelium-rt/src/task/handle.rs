use core::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::link::{Counter, Counters, LinkStats};

/// A task that runs a service. Dropping this lets the task go on until its sender is closed and nothing is left.
pub struct Task<S> {
    service: &'static str,
    given_back: Receiver<S>,
    counters: Arc<Counters>,
    errors: Arc<Counter>,
}

/// Why a task did not give its service back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// Messages are left, or a handler still waits for something: ask again later.
    #[error("the task of `{service}` is still at work")]
    Late {
        /// The service, as the router calls it.
        service: &'static str,
    },
    /// A handler panicked, or the runtime ended before the task.
    #[error("the task of `{service}` has ended without its service: a handler panicked, or its runtime is gone")]
    Gone {
        /// The service, as the router calls it.
        service: &'static str,
    },
}

/// What a task has counted; a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskStats {
    /// What the task took in and emitted: `received`, `gaps`, `invalid`; `sent`, and `dropped_newest` for an outbox that was full.
    pub messages: LinkStats,
    /// Handlers that returned an error.
    pub handler_errors: u64,
}

impl<S> Task<S> {
    pub(super) fn new(
        service: &'static str,
        given_back: Receiver<S>,
        counters: Arc<Counters>,
        errors: Arc<Counter>,
    ) -> Self {
        Self { service, given_back, counters, errors }
    }

    /// Waits until the task, whose sender was closed, has taken everything, and gives the service back.
    ///
    /// It blocks the calling thread, which must not be one that the task itself needs.
    ///
    /// # Errors
    /// [`TaskError::Late`] after `timeout`, [`TaskError::Gone`] when there is no service any more.
    pub fn finish(&mut self, timeout: Duration) -> Result<S, TaskError> {
        self.given_back.recv_timeout(timeout).map_err(|error| match error {
            RecvTimeoutError::Timeout => TaskError::Late { service: self.service },
            RecvTimeoutError::Disconnected => TaskError::Gone { service: self.service },
        })
    }

    /// What happened so far.
    #[must_use]
    pub fn stats(&self) -> TaskStats {
        TaskStats { messages: self.counters.snapshot(), handler_errors: self.errors.get() }
    }
}

// Not derived: a service that cannot be shown is no reason not to show its task.
impl<S> fmt::Debug for Task<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("service", &self.service).finish_non_exhaustive()
    }
}
