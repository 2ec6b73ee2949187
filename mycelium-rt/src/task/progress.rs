//! What a task leaves to its owner: how far it has come, and in the end its service.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::counters::{Group, ServiceWords};
use crate::link::Interrupt;
use crate::unwind::discard;

/// How far a task has come, for other threads to read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The number of messages that were handled, with all that they made the service emit, or lost in a panic.
    settled: AtomicU64,
    /// Whether the task has ended, for whatever reason.
    over: AtomicBool,
    /// Whether the task only handles messages any more: its sources and timers have stopped, or it has none.
    sources_stopped: AtomicBool,
    /// When the task ends after its current message, whatever is left.
    pub(super) cutoff: Interrupt,
    /// The counters of the service.
    pub(super) words: Group<ServiceWords>,
}

impl Progress {
    pub(super) fn new(words: Group<ServiceWords>) -> Self {
        Self { words, ..Self::default() }
    }

    /// This many messages are settled, ever. A reader that sees the number sees what the task has done by then.
    pub(super) fn settle(&self, messages: u64) {
        // Partner: `settled`.
        self.settled.store(messages, Ordering::Release);
    }

    pub(super) fn settled(&self) -> u64 {
        // Partner: `settle`.
        self.settled.load(Ordering::Acquire)
    }

    /// Sources and timers have stopped, for good.
    pub(super) fn stop_sources(&self) {
        // Releases what they have emitted. Partner: `are_sources_stopped`.
        self.sources_stopped.store(true, Ordering::Release);
    }

    /// Whether nothing is emitted any more without a message. A reader that sees this sees what was emitted.
    pub(super) fn are_sources_stopped(&self) -> bool {
        // Partner: `stop_sources`.
        self.sources_stopped.load(Ordering::Acquire) || self.is_over()
    }

    /// The task has ended.
    pub(super) fn end(&self) {
        // Partner: `is_over`.
        self.over.store(true, Ordering::Release);
    }

    pub(super) fn is_over(&self) -> bool {
        // Partner: `end`.
        self.over.load(Ordering::Acquire)
    }
}

/// A service that goes back to its owner when its task ends, for whatever reason: at the end of the messages, by a panic, or because
/// the task was aborted or its runtime is gone.
#[derive(Debug)]
pub(super) struct ServiceGuard<S> {
    /// `Some` until it is returned.
    service: Option<S>,
    is_complete: bool,
    owner: SyncSender<Returned<S>>,
    progress: Arc<Progress>,
}

/// A service that was given back.
#[derive(Debug)]
pub(super) struct Returned<S> {
    pub(super) service: S,
    /// Whether the task had taken all its messages.
    pub(super) is_complete: bool,
}

impl<S> ServiceGuard<S> {
    pub(super) fn new(service: S, progress: Progress) -> (Self, Receiver<Returned<S>>) {
        // Room for the one value, so that sending it back never waits.
        let (owner, returned) = sync_channel(1);
        (Self { service: Some(service), is_complete: false, owner, progress: Arc::new(progress) }, returned)
    }

    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The task has taken all its messages.
    pub(super) fn complete(mut self) {
        self.is_complete = true;
    }
}

impl<S> Deref for ServiceGuard<S> {
    type Target = S;

    fn deref(&self) -> &S {
        match &self.service {
            Some(service) => service,
            None => unreachable!("only `drop` takes it"),
        }
    }
}

impl<S> DerefMut for ServiceGuard<S> {
    fn deref_mut(&mut self) -> &mut S {
        match &mut self.service {
            Some(service) => service,
            None => unreachable!("only `drop` takes it"),
        }
    }
}

impl<S> Drop for ServiceGuard<S> {
    fn drop(&mut self) {
        if let Some(service) = self.service.take() {
            self.progress.end();
            // The owner of the task may have dropped its handle.
            if let Err(unclaimed) = self.owner.try_send(Returned { service, is_complete: self.is_complete }) {
                let _ = discard(unclaimed);
            }
        }
    }
}
