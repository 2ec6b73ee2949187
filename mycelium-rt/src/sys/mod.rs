//! All that is not the same on every operating system, behind functions that mean the same on each.
//!
//! | | Linux | elsewhere |
//! |---|---|---|
//! | a thread sleeps on a word ([`sleep_on`]) | futex | a table of condition variables, by the word's address |
//! | one side of a ring pays for both fences ([`barrier`]) | `membarrier` | not available: each side has a fence |
//! | a thread sleeps on descriptors ([`Notifier`]) | `poll`, woken by an eventfd | `poll`, woken by a datagram to itself |
//! | many sockets are watched ([`Poller`]) | epoll | `poll` over all of them |
//! | a socket is made ([`socket`], [`accept`]) | with its flags | its flags are set afterwards |
//! | who is at the other end of a Unix socket ([`user_of`]) | `SO_PEERCRED` | `getpeereid`; no Unix sockets on Windows |
//! | threads are bound to cores ([`pin`]) | `sched_setaffinity` | not available |
//! | threads run before others, memory stays in RAM ([`run_first`], [`lock_memory`]) | `sched_setscheduler`, `mlockall` | not available |
//!
//! `portable` needs nothing that Linux lacks. `--cfg mycelium_portable` puts it in the place of `linux` there, so that it is compiled and
//! tested without another system.

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, Timespec};
use rustix::io::Errno;

#[cfg(all(target_os = "linux", not(mycelium_portable)))]
mod linux;
#[cfg(all(any(feature = "net", feature = "shm"), target_os = "linux", not(mycelium_portable)))]
mod linux_sockets;
#[cfg(not(all(target_os = "linux", not(mycelium_portable))))]
mod portable;
#[cfg(all(any(feature = "net", feature = "shm"), not(all(target_os = "linux", not(mycelium_portable)))))]
mod portable_sockets;
#[cfg(all(unix, any(feature = "net", feature = "shm")))]
mod users;

#[cfg(all(target_os = "linux", not(mycelium_portable)))]
pub(crate) use linux::*;
#[cfg(all(any(feature = "net", feature = "shm"), target_os = "linux", not(mycelium_portable)))]
pub(crate) use linux_sockets::*;
#[cfg(not(all(target_os = "linux", not(mycelium_portable))))]
pub(crate) use portable::*;
#[cfg(all(any(feature = "net", feature = "shm"), not(all(target_os = "linux", not(mycelium_portable)))))]
pub(crate) use portable_sockets::*;
/// A descriptor; on Windows, where only sockets are waited for, a socket.
pub(crate) use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
#[cfg(all(unix, any(feature = "net", feature = "shm")))]
pub(crate) use users::*;

/// The longest sleep that every system can be asked for: 24 days, the milliseconds of a positive `i32`. Callers look again after each sleep.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// A duration as the system takes it, [`LONGEST`] at most.
fn timespec(duration: Duration) -> Timespec {
    let longest = Timespec { tv_sec: LONGEST.as_secs() as _, tv_nsec: 0 };
    Timespec::try_from(duration.min(LONGEST)).unwrap_or(longest)
}

/// Sleeps until one of the descriptors is ready, or for `timeout`; without one possibly for ever. A signal ends the sleep early. Returns
/// whether any is ready.
///
/// # Errors
/// The system's.
pub(crate) fn poll(descriptors: &mut [PollFd<'_>], timeout: Option<Duration>) -> io::Result<bool> {
    // Windows has no sleep without a socket.
    if cfg!(windows) && descriptors.is_empty() {
        std::thread::sleep(timeout.unwrap_or(LONGEST));
        return Ok(false);
    }
    match rustix::event::poll(descriptors, timeout.map(timespec).as_ref()) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
