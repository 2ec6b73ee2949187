use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// A service that goes back to its owner when its task ends, however that comes about: at the end of the messages, by a panic, or
/// because the task was aborted or its runtime is gone.
#[derive(Debug)]
pub(super) struct Lent<S> {
    /// There until it is returned.
    service: Option<S>,
    well: bool,
    owner: SyncSender<Returned<S>>,
    progress: Arc<Progress>,
}

/// How far a task has come, for another thread to read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Messages handled, with all that they made the service emit.
    settled: AtomicU64,
    /// Whether the task has ended, however that came about.
    over: AtomicBool,
}

impl Progress {
    /// So many messages are handled, ever. What the task has done by then is visible to who sees the number.
    pub(super) fn settle(&self, messages: u64) {
        // Partner: `settled`.
        self.settled.store(messages, Ordering::Release);
    }

    pub(super) fn settled(&self) -> u64 {
        // Partner: `settle`.
        self.settled.load(Ordering::Acquire)
    }

    pub(super) fn is_over(&self) -> bool {
        // Partner: the store when the service is returned.
        self.over.load(Ordering::Acquire)
    }
}

/// A service that has come back.
#[derive(Debug)]
pub(super) struct Returned<S> {
    pub(super) service: S,
    /// Whether the task had come to its end.
    pub(super) well: bool,
}

impl<S> Lent<S> {
    pub(super) fn new(service: S) -> (Self, Receiver<Returned<S>>) {
        // Room for the one value, so that returning it never waits.
        let (owner, returned) = sync_channel(1);
        (Self { service: Some(service), well: false, owner, progress: Arc::default() }, returned)
    }

    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The task has come to its end.
    pub(super) fn return_well(mut self) {
        self.well = true;
    }
}

impl<S> Deref for Lent<S> {
    type Target = S;

    fn deref(&self) -> &S {
        match &self.service {
            Some(service) => service,
            None => unreachable!("only `drop` takes it"),
        }
    }
}

impl<S> DerefMut for Lent<S> {
    fn deref_mut(&mut self) -> &mut S {
        match &mut self.service {
            Some(service) => service,
            None => unreachable!("only `drop` takes it"),
        }
    }
}

impl<S> Drop for Lent<S> {
    fn drop(&mut self) {
        if let Some(service) = self.service.take() {
            // Partner: `is_over`.
            self.progress.over.store(true, Ordering::Release);
            // Whoever spawned the task may have no use for it.
            let _ = self.owner.try_send(Returned { service, well: self.well });
        }
    }
}
