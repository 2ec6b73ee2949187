//! How the kernel wakes a sleeping thread: by an eventfd beside its descriptors, or without descriptors by unparking it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;
use std::thread::Thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};

use crate::link::wait::{Interest, timespec};

/// An eventfd.
#[derive(Debug)]
pub(super) struct Notifier {
    descriptor: OwnedFd,
}

impl Notifier {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { descriptor: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)? })
    }

    pub(super) fn notify(&self) {
        // Fails only when the counter is full, and then the eventfd is readable already.
        let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
    }

    /// Sleeps until it is notified, unless it is already, a descriptor is ready, or `until`. Takes the notification.
    pub(super) fn sleep(&self, descriptors: &[Interest<'_>], until: Option<Instant>) {
        // On the way to sleep, where an allocation costs little beside the calls into the kernel.
        let mut polled: Vec<PollFd<'_>> = descriptors.iter().copied().map(Interest::to_poll).collect();
        polled.push(PollFd::from_borrowed_fd(self.descriptor.as_fd(), PollFlags::IN));
        let timeout = until.map(|until| timespec(until.saturating_duration_since(Instant::now())));
        // Whatever the result (ready, late, a signal), the caller checks everything again.
        let _ = poll(&mut polled, timeout.as_ref());
        // Fails when it was not notified.
        let _ = rustix::io::read(&self.descriptor, &mut [0; 8]);
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
