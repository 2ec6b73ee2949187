use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::progress::Progress;
use crate::unwind::discard;

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
