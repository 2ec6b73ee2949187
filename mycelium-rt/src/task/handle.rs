//! A task as its owner holds it: to wait for its end, to end it, and to read its counters.

use core::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use super::progress::{Progress, Returned};
use super::spawn::Unspawned;
use crate::counters::{Group, ServiceWords};
use crate::lane::{Doing, TaskHealth};
use crate::link::{Counter, Counters, Interrupt, LinkStats, RingSender};

/// A task that runs a service. If this is dropped, the task goes on until its sender is closed and nothing is left.
pub struct Task<S> {
    service: &'static str,
    returned: Receiver<Returned<S>>,
    /// The service of a task that ended before its messages did.
    saved: Option<S>,
    /// `Some` until the task begins.
    unspawned: Option<Box<dyn Unspawned<S>>>,
    spawned: Option<AbortHandle>,
    capacity: usize,
    progress: Arc<Progress>,
    counters: Counters,
}

/// Why a task did not give its service back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// Messages are left, or a handler still waits for something: call again later.
    #[error("the task of `{service}` is still at work")]
    Late {
        /// The service, as the router calls it.
        service: &'static str,
    },
    /// A handler panicked and the service was not restarted, or not again; or the runtime ended before the task.
    #[error("the task of `{service}` has ended early: a handler panicked, or its runtime is gone")]
    Gone {
        /// The service, as the router calls it.
        service: &'static str,
    },
}

/// What a task has counted; a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskStats {
    /// What the task took in (`received`, `gaps`, `invalid`) and emitted (`sent`, and `dropped_newest` where the outbox was full).
    pub messages: LinkStats,
    /// Handlers, sources and timers that returned an error.
    pub handler_errors: u64,
    /// The number of panics so far.
    pub panics: u64,
    /// The number of restarts so far.
    pub restarts: u64,
    /// Messages lost in panics: the current one, or all that were delivered together.
    pub lost_in_panics: u64,
    /// Ticks of its timers that were skipped, since they were late by a period or more, and by 10 ms at least.
    pub missed_ticks: u64,
}

impl<S> Task<S> {
    pub(super) fn new(
        service: &'static str,
        returned: Receiver<Returned<S>>,
        unspawned: Box<dyn Unspawned<S>>,
        capacity: usize,
        progress: Arc<Progress>,
        counters: Counters,
    ) -> Self {
        let unspawned = Some(unspawned);
        Self { service, returned, saved: None, unspawned, spawned: None, capacity, progress, counters }
    }

    /// Spawns a task that was prepared.
    pub(crate) fn begin(&mut self) {
        if let Some(unspawned) = self.unspawned.take() {
            self.spawned = Some(unspawned.spawn());
        }
    }

    /// The service of a task that has not begun.
    pub(crate) fn unspawned(&mut self) -> Option<&mut S> {
        self.unspawned.as_mut().map(|unspawned| unspawned.service())
    }

    /// Waits until the task, whose sender is closed, has taken everything, and gives the service back.
    ///
    /// It blocks the calling thread, which must not be one that the task itself needs.
    ///
    /// # Errors
    /// [`TaskError::Late`] after `timeout`; [`TaskError::Gone`] when the task has ended before that, and then
    /// [`end`](Self::end) still gives the service back.
    pub fn finish(&mut self, timeout: Duration) -> Result<S, TaskError> {
        match self.returned.recv_timeout(timeout) {
            Ok(Returned { service, is_complete: true }) => Ok(service),
            Ok(Returned { service, is_complete: false }) => {
                self.saved = Some(service);
                Err(TaskError::Gone { service: self.service })
            }
            Err(RecvTimeoutError::Timeout) => Err(TaskError::Late { service: self.service }),
            Err(RecvTimeoutError::Disconnected) => Err(TaskError::Gone { service: self.service }),
        }
    }

    /// Waits until the task, whose sender is closed, has taken everything, or until `deadline`. After that the task ends after its current
    /// message, or where its handler waits. Gives the service back, however the task ended; `None` only if it was given back before.
    ///
    /// It blocks the calling thread, which must not be one that the task itself needs. A handler that neither returns nor waits can't be
    /// aborted: this then waits for it.
    pub fn end(&mut self, deadline: Instant) -> Option<S> {
        // A task that never began gives its service back at once.
        drop(self.unspawned.take());
        self.progress.cutoff.set_at(deadline);
        // An earlier `finish` has received it. The task may not be gone yet, and another `finish` would time out.
        if let Some(service) = self.saved.take() {
            return Some(service);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match self.finish(left) {
            Ok(service) => Some(service),
            Err(TaskError::Gone { .. }) => self.saved.take(),
            Err(TaskError::Late { .. }) => {
                self.spawned.iter().for_each(AbortHandle::abort);
                self.returned.recv().ok().map(|returned| returned.service)
            }
        }
    }

    /// Whether everything that `sender`, which feeds this task, has sent is handled, with what it made the service emit, or lost in a panic;
    /// or the task has ended.
    #[must_use]
    pub fn is_settled(&self, sender: &RingSender) -> bool {
        self.progress.settled() == sender.counters().sent.get() || self.progress.is_over()
    }

    /// Whether the task emits nothing any more without a message: it has not begun, it has neither sources nor timers, or they have stopped
    /// for good, and what they emitted can be taken.
    pub(crate) fn are_sources_stopped(&self) -> bool {
        self.unspawned.is_some() || self.progress.are_sources_stopped()
    }

    /// The number of messages that were sent to the task, and neither handled nor lost in a panic.
    #[must_use]
    pub fn unsettled(&self, sender: &RingSender) -> u64 {
        sender.counters().sent.get().saturating_sub(self.progress.settled())
    }

    /// A handle that ends the task after its current message.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.progress.cutoff.clone()
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The live count of handlers that returned an error, for other threads to read.
    #[must_use]
    pub fn errors(&self) -> &Counter {
        &self.progress.words.errors
    }

    /// The counters of the service.
    pub(crate) fn words(&self) -> &Group<ServiceWords> {
        &self.progress.words
    }

    /// A snapshot of the counters.
    #[must_use]
    pub fn stats(&self) -> TaskStats {
        TaskStats {
            messages: self.counters.snapshot(),
            handler_errors: self.errors().get(),
            panics: self.progress.words.panics.get(),
            restarts: self.progress.words.restarts.get(),
            lost_in_panics: self.progress.words.lost_in_panics.get(),
            missed_ticks: self.progress.words.missed_ticks.get(),
        }
    }

    /// Reads from any thread the health of the task, which `sender` feeds and `lane` owns.
    pub(crate) fn watch(&self, lane: &'static str, sender: &RingSender) -> Box<dyn Fn() -> TaskHealth + Send + Sync> {
        let (name, capacity, progress) = (self.service, self.capacity, Arc::clone(&self.progress));
        let (sent, received) = (sender.counters().clone(), self.counters.clone());
        Box::new(move || {
            // The receiving end first: else what is settled meanwhile could make the difference negative.
            let settled = progress.settled();
            let waiting = sent.sent.get().saturating_sub(settled);
            let doing = match (progress.is_over(), waiting) {
                (true, _) => Doing::Ended,
                (false, 0) => Doing::Sleeping,
                (false, _) => Doing::Turning,
            };
            let (panics, restarts) = (progress.words.panics.get(), progress.words.restarts.get());
            let (handled, lost_in_panics) = (received.received.get(), progress.words.lost_in_panics.get());
            let missed_ticks = progress.words.missed_ticks.get();
            TaskHealth { name, lane, doing, waiting, capacity, handled, panics, restarts, lost_in_panics, missed_ticks }
        })
    }
}

// Not derived, which would require `S: Debug`.
impl<S> fmt::Debug for Task<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("service", &self.service).finish_non_exhaustive()
    }
}
