//! Systems other than Linux: the standard library, and what `rustix` has everywhere.

use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::AsFd;

/// A place where threads sleep on words that share it.
struct Bucket {
    lock: Mutex<()>,
    changed: Condvar,
}

static BUCKETS: [Bucket; 64] = [const { Bucket { lock: Mutex::new(()), changed: Condvar::new() } }; 64];

/// The bucket of a word. Words lie on cache lines of their own, of 128 bytes at most.
fn bucket(word: &AtomicU32) -> &'static Bucket {
    let line = (word as *const AtomicU32).addr() / 128;
    &BUCKETS[line % BUCKETS.len()]
}

/// Sleeps until `word` is not `value` and someone [wakes](wake_one) its sleeper, the time is over, or for no reason.
pub(crate) fn sleep_on(word: &AtomicU32, value: u32, timeout: Option<Duration>) {
    let bucket = bucket(word);
    let held = bucket.lock.lock().unwrap_or_else(PoisonError::into_inner);
    // The lock is held from this check until the thread waits. A thread that changes the word later takes the lock in `wake_one`, and so
    // notifies a thread that waits.
    if word.load(Ordering::Relaxed) != value {
        return;
    }
    match timeout {
        Some(timeout) => drop(bucket.changed.wait_timeout(held, timeout)),
        None => drop(bucket.changed.wait(held)),
    }
}

/// Wakes the thread that sleeps on `word`, if there is one. Others that share its bucket look again, and sleep on.
pub(crate) fn wake_one(word: &AtomicU32) {
    let bucket = bucket(word);
    drop(bucket.lock.lock().unwrap_or_else(PoisonError::into_inner));
    bucket.changed.notify_all();
}

/// There is no [`barrier`] here.
pub(crate) fn register_barrier() -> bool {
    false
}

/// False: each side of a ring has a fence of its own.
pub(crate) fn barrier() -> bool {
    false
}

/// The cores that this process may use.
///
/// # Errors
/// Always: threads can't be bound to cores here.
pub(crate) fn allowed_cores() -> io::Result<Vec<usize>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Keeps the calling thread on one core from now on.
///
/// # Errors
/// Always: threads can't be bound to cores here.
pub(crate) fn pin(_core: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives the calling thread a real-time priority.
///
/// # Errors
/// Always: that is not supported here.
pub(crate) fn run_first(_priority: u8) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Keeps all memory of this process in RAM.
///
/// # Errors
/// Always: that is not supported here.
pub(crate) fn lock_memory() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What a thread that sleeps on descriptors can be woken by: a socket that sends datagrams to itself.
#[derive(Debug)]
pub(crate) struct Notifier(UdpSocket);

impl Notifier {
    /// One that nobody has notified.
    ///
    /// # Errors
    /// The system's: there is no socket or no port left.
    pub(crate) fn new() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        // Takes nothing from others from here on.
        socket.connect(socket.local_addr()?)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// Makes it readable.
    pub(crate) fn notify(&self) {
        // It fails when its buffer is full, and then it is readable already.
        let _ = self.0.send(&[1]);
    }

    /// Makes it unreadable again.
    pub(crate) fn clear(&self) {
        while self.0.recv(&mut [0; 8]).is_ok() {}
    }

    /// How to wait for it.
    pub(crate) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)
    }
}

/// Opens a file without waiting for the other end of a FIFO. Windows has none.
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options
}
