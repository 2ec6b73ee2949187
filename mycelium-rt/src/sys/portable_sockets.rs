//! Sockets of systems other than Linux, and a way to watch many of them.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketAddrAny, SocketType, acceptfrom};

use super::{AsFd, BorrowedFd, OwnedFd, poll};

/// A descriptor that a [`Poller`] can watch, which drops out of it when it is closed.
pub(crate) type Descriptor = Arc<OwnedFd>;

/// A descriptor that may be watched.
pub(crate) fn shared(descriptor: OwnedFd) -> Descriptor {
    Arc::new(descriptor)
}

/// The descriptor itself, as a [`Poller`] takes it.
pub(crate) type Handle<'a> = &'a Arc<OwnedFd>;

/// The descriptor for a [`Poller`].
pub(crate) fn handle(descriptor: &Descriptor) -> Handle<'_> {
    descriptor
}

/// Finds out which of many descriptors are readable: by asking for all of them each time.
#[derive(Debug)]
pub(crate) struct Poller {
    watched: Vec<Watched>,
    /// Where the next report begins.
    first: usize,
    /// The descriptors that somebody sleeps on.
    parked: Vec<Arc<OwnedFd>>,
}

#[derive(Debug)]
struct Watched {
    descriptor: Weak<OwnedFd>,
    token: u64,
    on: bool,
}

impl Poller {
    /// One that watches nothing.
    ///
    /// # Errors
    /// None here.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { watched: Vec::new(), first: 0, parked: Vec::new() })
    }

    /// Watches a descriptor. It is reported by `token`.
    ///
    /// # Errors
    /// None here.
    pub(crate) fn add(&mut self, handle: Handle<'_>, token: u64) -> Result<(), Errno> {
        self.watched.retain(|watched| watched.descriptor.strong_count() > 0);
        self.watched.push(Watched { descriptor: Arc::downgrade(handle), token, on: true });
        Ok(())
    }

    /// From now on a watched descriptor is reported by `token`, or not at all.
    ///
    /// # Errors
    /// The descriptor is not watched.
    pub(crate) fn modify(&mut self, handle: Handle<'_>, token: u64, on: bool) -> Result<(), Errno> {
        let is_it = |watched: &&mut Watched| std::ptr::eq(watched.descriptor.as_ptr(), Arc::as_ptr(handle));
        let watched = self.watched.iter_mut().find(is_it).ok_or(Errno::INVAL)?;
        (watched.token, watched.on) = (token, on);
        Ok(())
    }

    /// Waits until a descriptor is readable, for `timeout` at most, and adds the tokens of those that are to `ready`. Of the descriptors that
    /// stay readable, another one comes first each time.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn wait(&mut self, timeout: Duration, ready: &mut Vec<u64>) -> io::Result<()> {
        let asked = self.watched.iter().filter(|watched| watched.on);
        let mut asked: Vec<_> = asked.filter_map(|it| Some((it.descriptor.upgrade()?, it.token))).collect();
        self.first = (self.first + 1).checked_rem(asked.len()).unwrap_or(0);
        asked.rotate_left(self.first);
        let mut polled: Vec<_> = asked.iter().map(|(descriptor, _)| PollFd::new(descriptor, PollFlags::IN)).collect();
        poll(&mut polled, Some(timeout))?;
        let tokens = polled.iter().zip(&asked).filter(|(polled, _)| !polled.revents().is_empty());
        ready.extend(tokens.map(|(_, (_, token))| *token));
        Ok(())
    }

    /// Calls `readable` with each descriptor to sleep on: one of them is readable whenever a watched one is.
    pub(crate) fn park<'a>(&'a mut self, readable: impl FnMut(BorrowedFd<'a>)) {
        let asked = self.watched.iter().filter(|watched| watched.on);
        self.parked = asked.filter_map(|watched| watched.descriptor.upgrade()).collect();
        self.parked.iter().map(AsFd::as_fd).for_each(readable);
    }

    /// The sleep is over: what is closed from now on is closed at once.
    pub(crate) fn unpark(&mut self) {
        self.parked.clear();
    }
}

/// A new socket that neither blocks nor is inherited by programs that this one starts.
pub(crate) fn socket(family: AddressFamily, kind: SocketType, protocol: Option<Protocol>) -> Result<OwnedFd, Errno> {
    #[cfg(windows)]
    start_up()?;
    let socket = rustix::net::socket(family, kind, protocol)?;
    prepare(&socket)?;
    Ok(socket)
}

/// The next connection at a listener, and the peer's address; like a new [`socket`].
pub(crate) fn accept(listener: impl AsFd) -> Result<(OwnedFd, Option<SocketAddrAny>), Errno> {
    let (socket, from) = acceptfrom(listener)?;
    prepare(&socket)?;
    Ok((socket, from))
}

/// Sockets of Windows work once a process has asked for them.
#[cfg(windows)]
fn start_up() -> Result<(), Errno> {
    static STARTED: std::sync::OnceLock<Result<(), Errno>> = std::sync::OnceLock::new();
    *STARTED.get_or_init(|| rustix::net::wsa_startup().map(drop))
}

fn prepare(socket: &OwnedFd) -> Result<(), Errno> {
    // Sockets of Windows are not inherited.
    #[cfg(unix)]
    rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(socket, true)
}

/// Sends without a signal if the peer is gone. Sockets do not block.
#[cfg(not(any(target_vendor = "apple", windows)))]
pub(crate) const SEND: SendFlags = SendFlags::NOSIGNAL;

/// Sends without a flag. Sockets do not block; Windows has no signal, and the programs of Rust ignore that of macOS.
#[cfg(any(target_vendor = "apple", windows))]
pub(crate) const SEND: SendFlags = SendFlags::empty();

/// Receives without a flag: sockets do not block.
pub(crate) const RECEIVE: RecvFlags = RecvFlags::empty();

/// Whether bytes of a stream can be read and left in the kernel's buffer, and discarded later without copying them.
pub(crate) const CAN_DISCARD: bool = false;

/// Discards instead of copying. Not here.
pub(crate) const DISCARD: RecvFlags = RecvFlags::empty();

/// There is no such limit here: a vanished peer is noticed by the probes of an idle connection, or when the system gives up sending.
///
/// # Errors
/// None here.
pub(crate) fn set_user_timeout(_socket: impl AsFd, _limit: Duration) -> io::Result<()> {
    Ok(())
}
