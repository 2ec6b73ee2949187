//! Sleeping until a descriptor is ready.

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use crate::sys::{BorrowedFd, poll};

/// What to wait for on a descriptor.
#[derive(Clone, Copy, Debug)]
pub struct Interest<'a> {
    /// The descriptor; on Windows a socket.
    pub descriptor: BorrowedFd<'a>,
    /// Whether to wake up when it can be read.
    pub readable: bool,
    /// Whether to wake up when it can be written.
    pub writable: bool,
}

impl<'a> Interest<'a> {
    pub(crate) fn to_poll(self) -> PollFd<'a> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, self.readable);
        flags.set(PollFlags::OUT, self.writable);
        PollFd::from_borrowed_fd(self.descriptor, flags)
    }
}

/// Sleeps until the interest is ready or `timeout` is over; without a time-out possibly for ever. A signal ends the sleep
/// early. Returns whether anything is ready.
pub fn wait(interest: Option<Interest<'_>>, timeout: Option<Duration>) -> io::Result<bool> {
    match interest {
        Some(interest) => poll(&mut [interest.to_poll()], timeout),
        None => poll(&mut [], timeout),
    }
}

/// As [`wait`], for several interests.
pub(crate) fn wait_any(interests: &[Interest<'_>], timeout: Option<Duration>) -> io::Result<bool> {
    poll(&mut interests.iter().map(|interest| interest.to_poll()).collect::<Vec<_>>(), timeout)
}

/// As [`wait_any`], for one more descriptor.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) fn wait_with(interests: &[Interest<'_>], other: PollFd<'_>, timeout: Option<Duration>) -> io::Result<bool> {
    // On the way to sleep, where an allocation costs little beside the calls into the kernel.
    let mut polled: Vec<PollFd<'_>> = interests.iter().copied().map(Interest::to_poll).collect();
    polled.push(other);
    poll(&mut polled, timeout)
}

/// The longest sleep of a waiting sender before it checks whether it was interrupted.
pub(crate) const INTERRUPT_LATENCY: Duration = Duration::from_millis(10);

/// How long to sleep if something is due at `due`.
pub(crate) fn nap(due: Option<Instant>) -> Duration {
    due.map_or(INTERRUPT_LATENCY, |due| due.saturating_duration_since(Instant::now()).min(INTERRUPT_LATENCY))
}

#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
std::thread_local! {
    /// Whether this thread is running a lane's task, on a runtime with several threads.
    static ON_TASK: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Runs a step of a lane's task. On a runtime with several threads, waits within the step are [aside](aside).
#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
pub(crate) fn on_task<T>(step: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    ON_TASK.set(Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread);
    let done = step();
    ON_TASK.set(false);
    done
}

/// Runs `wait`, which blocks. On a lane's task, other tasks of the runtime go on meanwhile: one of them may be the one that
/// makes room.
#[cfg(all(feature = "tokio", not(all(test, mycelium_loom))))]
pub(crate) fn aside<T>(wait: impl FnOnce() -> T) -> T {
    if ON_TASK.get() { tokio::task::block_in_place(wait) } else { wait() }
}

#[cfg(not(all(feature = "tokio", not(all(test, mycelium_loom)))))]
pub(crate) fn aside<T>(wait: impl FnOnce() -> T) -> T {
    wait()
}
