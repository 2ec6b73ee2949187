//! Systems other than Linux: the standard library, and what `rustix` has everywhere.

use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketAddrAny, SocketType, acceptfrom};

use super::{AsFd, BorrowedFd, OwnedFd};

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
    // Under the lock: whoever changes the word after this look takes the lock only once the sleeper has let go of it, and finds it asleep.
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
        if asked.is_empty() {
            std::thread::sleep(timeout);
            return Ok(());
        }
        self.first = (self.first + 1) % asked.len();
        asked.rotate_left(self.first);
        let mut polled: Vec<_> = asked.iter().map(|(descriptor, _)| PollFd::new(descriptor, PollFlags::IN)).collect();
        match poll(&mut polled, Some(&super::timespec(timeout))) {
            Ok(_) => {
                let tokens = polled.iter().zip(&asked).filter(|(polled, _)| !polled.revents().is_empty());
                ready.extend(tokens.map(|(_, (_, token))| *token));
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
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

fn prepare(socket: &OwnedFd) -> Result<(), Errno> {
    // Sockets of Windows are not inherited.
    #[cfg(unix)]
    rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(socket, true)
}

/// Sends without a flag: sockets do not block, and Rust programs ignore the signal that a peer is gone.
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

/// Opens a file without waiting for the other end of a FIFO. Windows has none.
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options
}
