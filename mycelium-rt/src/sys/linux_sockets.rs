//! Sockets of Linux, and a way to watch many of them.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, socket_with};
#[cfg(feature = "net")]
use rustix::net::{RecvFlags, SendFlags, SocketAddrAny, acceptfrom_with};

use super::{AsFd, BorrowedFd, OwnedFd};

/// A descriptor that a [`Poller`] can watch.
pub(crate) type Descriptor = OwnedFd;

/// A descriptor that may be watched.
pub(crate) fn shared(descriptor: OwnedFd) -> Descriptor {
    descriptor
}

/// The descriptor itself, as a [`Poller`] takes it.
pub(crate) type Handle<'a> = BorrowedFd<'a>;

/// The descriptor for a [`Poller`].
#[cfg(feature = "net")]
pub(crate) fn handle(descriptor: &Descriptor) -> Handle<'_> {
    descriptor.as_fd()
}

/// The maximum number of descriptors reported at once; the others are reported next time.
const AT_ONCE: usize = 64;

/// Asks the kernel which of many descriptors are readable: an epoll set. A descriptor leaves it when it is closed, unless there is a copy
/// of it.
#[derive(Debug)]
pub(crate) struct Poller(OwnedFd);

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
    #[cfg(feature = "shm")]
    pub(crate) fn delete(&mut self, handle: BorrowedFd<'_>) {
        let _ = epoll::delete(&self.0, handle);
    }

    /// Waits until a descriptor is readable, for `timeout` at most, and adds the tokens of those that are to `ready`. Of the descriptors
    /// that stay readable, those come first that were not reported for the longest time.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn wait(&mut self, timeout: Duration, ready: &mut Vec<u64>) -> io::Result<()> {
        let mut space = [const { MaybeUninit::<epoll::Event>::uninit() }; AT_ONCE];
        match epoll::wait(&self.0, &mut space, Some(&crate::sys::timespec(timeout))) {
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
    #[cfg(feature = "net")]
    pub(crate) fn unpark(&mut self) {}
}

impl AsFd for Poller {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A new socket that neither blocks nor is inherited by programs that this one starts.
pub(crate) fn socket(family: AddressFamily, kind: SocketType, protocol: Option<Protocol>) -> Result<OwnedFd, Errno> {
    socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, protocol)
}

/// The next connection at a listener, and the peer's address; like a new [`socket`].
#[cfg(feature = "net")]
pub(crate) fn accept(listener: impl AsFd) -> Result<(OwnedFd, Option<SocketAddrAny>), Errno> {
    acceptfrom_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)
}

/// Sends without waiting, and without a signal if the peer is gone.
#[cfg(feature = "net")]
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
