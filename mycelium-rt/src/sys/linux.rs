//! Linux.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fs::OFlags;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::thread::{CpuSet, MembarrierCommand, futex, membarrier, sched_getaffinity, sched_setaffinity};

use super::{AsFd, OwnedFd};

/// Sleeps until `word` is not `value` and someone [wakes](wake_one) its sleeper, the time is over, or for no reason.
pub(crate) fn sleep_on(word: &AtomicU32, value: u32, timeout: Option<Duration>) {
    let timeout = timeout.and_then(|timeout| futex::Timespec::try_from(timeout).ok());
    // Every error (changed before, interrupted, timed out) means the same to the caller: look again.
    let _ = futex::wait(word, futex::Flags::PRIVATE, value, timeout.as_ref());
}

/// Wakes the thread that sleeps on `word`, if there is one.
pub(crate) fn wake_one(word: &AtomicU32) {
    // It cannot fail on a valid private word; should it, the sleeper's timeout is what is left.
    let _ = futex::wake(word, futex::Flags::PRIVATE, 1);
}

/// Asks the kernel for [`barrier`]s; false if it has none. To be called once before the first.
pub(crate) fn register_barrier() -> bool {
    membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok() && barrier()
}

/// Runs a full fence on every thread of this process; false if the kernel refuses.
pub(crate) fn barrier() -> bool {
    membarrier(MembarrierCommand::PrivateExpedited).is_ok()
}

/// The cores that this process may use.
///
/// # Errors
/// The kernel's.
pub(crate) fn allowed_cores() -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
}

/// Keeps the calling thread on one core from now on.
///
/// # Errors
/// The kernel's.
pub(crate) fn pin(core: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(core);
    Ok(sched_setaffinity(None, &only)?)
}

/// Gives the calling thread a real-time priority: it runs before all threads of lower and of ordinary priority, until it sleeps. Threads that
/// it starts have ordinary priority again.
///
/// # Errors
/// The kernel's: `EPERM` if the process may not.
pub(crate) fn run_first(priority: u8) -> io::Result<()> {
    // SAFETY: all fields of this struct are integers, for which zero is a value.
    let mut parameters: libc::sched_param = unsafe { std::mem::zeroed() };
    parameters.sched_priority = priority.into();
    let policy = libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK;
    // SAFETY: 0 is the calling thread, and the kernel only reads `parameters`, which live until it returns.
    match unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Keeps all memory of this process in RAM, what it has and what it will have.
///
/// # Errors
/// The kernel's: `EPERM` or `ENOMEM` if the process may not lock that much.
pub(crate) fn lock_memory() -> io::Result<()> {
    Ok(mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE)?)
}

/// What a thread that sleeps on descriptors can be woken by: an eventfd.
#[derive(Debug)]
pub(crate) struct Notifier(OwnedFd);

impl Notifier {
    /// One that nobody has notified.
    ///
    /// # Errors
    /// The kernel's: there is no descriptor left.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Makes it readable.
    pub(crate) fn notify(&self) {
        // It fails only when the counter is full, and then it is readable already.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Makes it unreadable again.
    pub(crate) fn clear(&self) {
        // Fails where nobody has notified.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }

    /// How to wait for it.
    pub(crate) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)
    }
}

/// Opens a file without waiting for the other end of a FIFO.
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed())
}
