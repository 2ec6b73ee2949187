//! How the kernel wakes a sleeping thread: by an eventfd beside its descriptors, or without descriptors by unparking it.

use std::io;
use std::sync::OnceLock;
use std::thread::Thread;
use std::time::{Duration, Instant};

use crate::link::wait::{Interest, wait_with};
use crate::sys;

/// A descriptor beside those that the thread sleeps on.
#[derive(Debug)]
pub(super) struct Notifier(sys::Notifier);

impl Notifier {
    pub(super) fn new() -> io::Result<Self> {
        sys::Notifier::new().map(Self)
    }

    pub(super) fn notify(&self) {
        self.0.notify();
    }

    /// Sleeps until it is notified, unless it is already, a descriptor is ready, or `until`. Takes the notification.
    pub(super) fn sleep(&self, descriptors: &[Interest<'_>], until: Option<Instant>) {
        let timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
        // Whatever the result (ready, late, a signal), the caller checks everything again.
        let _ = wait_with(descriptors, self.0.poll_fd(), timeout);
        self.0.clear();
    }
}

/// A thread that sleeps without a descriptor.
#[derive(Debug, Default)]
pub(super) struct Sleeper {
    thread: OnceLock<Thread>,
}

impl Sleeper {
    /// The calling thread is the one that will sleep. To be called once.
    pub(super) fn adopt_this_thread(&self) {
        drop(self.thread.set(std::thread::current()));
    }

    /// Ends the sleep of the thread, or the next one if it is awake.
    pub(super) fn unpark(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Sleeps until it is unparked, or for as long as `left`; it may also wake without a reason.
    pub(super) fn park(&self, left: Option<Duration>) {
        match left {
            None => std::thread::park(),
            Some(left) => std::thread::park_timeout(left),
        }
    }
}
