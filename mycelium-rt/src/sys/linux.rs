//! Linux.

use std::fs::OpenOptions;
use std::io;
#[cfg(any(feature = "net", feature = "shm"))]
use std::mem::MaybeUninit;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

#[cfg(any(feature = "net", feature = "shm"))]
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fs::OFlags;
#[cfg(any(feature = "net", feature = "shm"))]
use rustix::io::Errno;
#[cfg(any(feature = "net", feature = "shm"))]
use rustix::net::{AddressFamily, Protocol, SendFlags, SocketFlags, SocketType, socket_with};
#[cfg(feature = "net")]
use rustix::net::{RecvFlags, SocketAddrAny, acceptfrom_with};
use rustix::thread::{CpuSet, MembarrierCommand, futex, membarrier, sched_getaffinity, sched_setaffinity};

use super::{AsFd, BorrowedFd, OwnedFd};

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

/// A descriptor that a [`Poller`] can watch.
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) type Descriptor = OwnedFd;

/// A descriptor that may be watched.
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) fn shared(descriptor: OwnedFd) -> Descriptor {
    descriptor
}

/// The descriptor itself, as a [`Poller`] takes it.
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) type Handle<'a> = BorrowedFd<'a>;

/// The descriptor for a [`Poller`].
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) fn handle(descriptor: &Descriptor) -> Handle<'_> {
    descriptor.as_fd()
}

/// The maximum number of descriptors reported at once; the others are reported next time.
#[cfg(any(feature = "net", feature = "shm"))]
const AT_ONCE: usize = 64;

/// Asks the kernel which of many descriptors are readable: an epoll set. A descriptor leaves it when it is closed, unless there is a copy of
/// it.
#[cfg(any(feature = "net", feature = "shm"))]
#[derive(Debug)]
pub(crate) struct Poller(OwnedFd);

#[cfg(any(feature = "net", feature = "shm"))]
impl Poller {
    /// One that watches nothing.
    ///
    /// # Errors
    /// The kernel's: there is no descriptor left.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(epoll::create(CreateFlags::CLOEXEC)?))
    }

    /// Watches a descriptor. It is reported by `token`.
    ///
    /// # Errors
    /// The kernel's: there is no memory left.
    pub(crate) fn add(&mut self, handle: BorrowedFd<'_>, token: u64) -> Result<(), Errno> {
        epoll::add(&self.0, handle, EventData::new_u64(token), EventFlags::IN)
    }

    /// From now on a watched descriptor is reported by `token`, or not at all. This takes no memory, so it does not fail for one that is
    /// watched.
    ///
    /// # Errors
    /// The descriptor is not watched.
    pub(crate) fn modify(&mut self, handle: BorrowedFd<'_>, token: u64, on: bool) -> Result<(), Errno> {
        let flags = if on { EventFlags::IN } else { EventFlags::empty() };
        epoll::modify(&self.0, handle, EventData::new_u64(token), flags)
    }

    /// Watches a descriptor no longer: for those of which a copy stays open.
    pub(crate) fn delete(&mut self, handle: BorrowedFd<'_>) {
        let _ = epoll::delete(&self.0, handle);
    }

    /// Waits until a descriptor is readable, for `timeout` at most, and adds the tokens of those that are to `ready`. Of the descriptors that
    /// stay readable, those come first that were not reported for the longest time.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn wait(&mut self, timeout: Duration, ready: &mut Vec<u64>) -> io::Result<()> {
        let mut space = [const { MaybeUninit::<epoll::Event>::uninit() }; AT_ONCE];
        match epoll::wait(&self.0, &mut space, Some(&super::timespec(timeout))) {
            Ok((events, _)) => {
                ready.extend(events.iter().map(|event| event.data.u64()));
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Calls `readable` with each descriptor to sleep on: one of them is readable whenever a watched one is.
    pub(crate) fn park<'a>(&'a mut self, mut readable: impl FnMut(BorrowedFd<'a>)) {
        readable(self.0.as_fd());
    }

    /// The sleep is over.
    pub(crate) fn unpark(&mut self) {}
}

#[cfg(any(feature = "net", feature = "shm"))]
impl AsFd for Poller {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A new socket that neither blocks nor is inherited by programs that this one starts.
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) fn socket(family: AddressFamily, kind: SocketType, protocol: Option<Protocol>) -> Result<OwnedFd, Errno> {
    socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, protocol)
}

/// The next connection at a listener, and the peer's address; like a new [`socket`].
#[cfg(feature = "net")]
pub(crate) fn accept(listener: impl AsFd) -> Result<(OwnedFd, Option<SocketAddrAny>), Errno> {
    acceptfrom_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)
}

/// Sends without waiting, and without a signal if the peer is gone.
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) const SEND: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// Receives without waiting.
#[cfg(feature = "net")]
pub(crate) const RECEIVE: RecvFlags = RecvFlags::DONTWAIT;

/// Whether bytes of a stream can be read and left in the kernel's buffer, and discarded later without copying them.
#[cfg(feature = "net")]
pub(crate) const CAN_DISCARD: bool = true;

/// Discards instead of copying.
#[cfg(feature = "net")]
pub(crate) const DISCARD: RecvFlags = RecvFlags::TRUNC;

/// Has the kernel end a connection over TCP whose peer has left for `limit` unacknowledged what was written.
///
/// # Errors
/// The kernel's.
#[cfg(feature = "net")]
pub(crate) fn set_user_timeout(socket: impl AsFd, limit: Duration) -> io::Result<()> {
    // The option's unit is the millisecond.
    Ok(rustix::net::sockopt::set_tcp_user_timeout(socket, limit.as_millis().try_into().unwrap_or(u32::MAX))?)
}

/// Opens a file without waiting for the other end of a FIFO.
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed())
}
