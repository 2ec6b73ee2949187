//! What a task leaves to its owner: how far it has come, and in the end its service.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::counters::{Group, ServiceWords};
use crate::link::Interrupt;
use crate::unwind::discard;

/// How far a task has come and what became of it, for another thread to read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Messages handled, with all that they made the service emit, or lost in a panic.
    settled: AtomicU64,
    /// Whether the task has ended, however that came about.
    over: AtomicBool,
    /// Whether the task does nothing any more but handle messages: its sources and timers have stopped, or it has none.
    quiet: AtomicBool,
    /// When the task ends whatever is left, after the message that it is at.
    pub(super) cutoff: Interrupt,
    /// What the service counts.
    pub(super) words: Group<ServiceWords>,
}

impl Progress {
    pub(super) fn new(words: Group<ServiceWords>) -> Self {
        Self { words, ..Self::default() }
    }

    /// So many messages are settled, ever. What the task has done by then is visible to who sees the number.
    pub(super) fn settle(&self, messages: u64) {
        // Partner: `settled`.
        self.settled.store(messages, Ordering::Release);
    }

    pub(super) fn settled(&self) -> u64 {
        // Partner: `settle`.
        self.settled.load(Ordering::Acquire)
    }

    /// Sources and timers have stopped, for good.
    pub(super) fn fall_quiet(&self) {
        // Releases what they have emitted. Partner: `is_quiet`.
        self.quiet.store(true, Ordering::Release);
    }

    /// Whether nothing is emitted any more without a message. What has been is visible to who sees that.
    pub(super) fn is_quiet(&self) -> bool {
        // Partner: `fall_quiet`.
        self.quiet.load(Ordering::Acquire) || self.is_over()
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

/// A service that goes back to its owner when its task ends, however that comes about: at the end of the messages, by a panic, or
/// because the task was aborted or its runtime is gone.
#[derive(Debug)]
pub(super) struct ServiceGuard<S> {
    /// There until it is returned.
    service: Option<S>,
    well: bool,
    owner: SyncSender<Returned<S>>,
    progress: Arc<Progress>,
}

/// A service that has come back.
#[derive(Debug)]
pub(super) struct Returned<S> {
    pub(super) service: S,
    /// Whether the task had come to its end.
    pub(super) well: bool,
}

impl<S> ServiceGuard<S> {
    pub(super) fn new(service: S, progress: Progress) -> (Self, Receiver<Returned<S>>) {
        // Room for the one value, so that returning it never waits.
        let (owner, returned) = sync_channel(1);
        (Self { service: Some(service), well: false, owner, progress: Arc::new(progress) }, returned)
    }

    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The task has come to its end.
    pub(super) fn return_well(mut self) {
        self.well = true;
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
            // Whoever spawned the task may have no use for it.
            if let Err(unclaimed) = self.owner.try_send(Returned { service, well: self.well }) {
                let _ = discard(unclaimed);
            }
        }
    }
}
