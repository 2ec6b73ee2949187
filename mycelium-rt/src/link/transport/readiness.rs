//! Which sockets of an input are readable.

use std::io;
use std::time::Duration;

use rustix::io::Errno;

use super::receive::Event;
use crate::sys::{BorrowedFd, Handle, Poller};

/// The token of listeners and newcomers; a peer has its place as token.
const NEWCOMER: u64 = u64::MAX;

/// Room for what is reported at once, so that waiting allocates nothing.
const AT_ONCE: usize = 64;

/// The sockets, with what was ready when they were last asked. A socket is forgotten when it is closed, unless there is a copy of its
/// descriptor.
#[derive(Debug)]
pub(crate) struct Readiness {
    poller: Poller,
    ready: Vec<u64>,
}

impl Readiness {
    /// A set with these listeners.
    pub(crate) fn listening<'a>(listeners: impl IntoIterator<Item = Handle<'a>>) -> io::Result<Self> {
        let mut readiness = Self { poller: Poller::new()?, ready: Vec::with_capacity(AT_ONCE) };
        listeners.into_iter().try_for_each(|listener| readiness.watch(listener, Event::Newcomer))?;
        Ok(readiness)
    }

    /// Adds a socket. What happens to it is reported as `event`.
    pub(crate) fn watch(&mut self, socket: Handle<'_>, event: Event) -> Result<(), Errno> {
        self.poller.add(socket, token(event))
    }

    /// From now on, what happens to the socket is reported as `event`.
    pub(crate) fn rename(&mut self, socket: Handle<'_>, event: Event) -> Result<(), Errno> {
        self.poller.modify(socket, token(event), true)
    }

    /// Stops or resumes reports that a listener is readable.
    pub(crate) fn set_listening(&mut self, listener: Handle<'_>, on: bool) {
        let _ = self.poller.modify(listener, token(Event::Newcomer), on);
    }

    /// Removes a socket from the set, for sockets of which a copied descriptor stays open. Does nothing if it is not in the
    /// set.
    #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
    pub(crate) fn forget(&mut self, socket: Handle<'_>) {
        self.poller.delete(socket);
    }

    /// Waits until a socket is ready, for `timeout` at most. Of the sockets that stay ready, those come first that were not
    /// reported for the longest time.
    pub(crate) fn ask(&mut self, timeout: Duration) -> io::Result<()> {
        self.ready.clear();
        self.poller.wait(timeout, &mut self.ready)
    }

    /// Clears what was ready.
    #[cfg(feature = "net")]
    pub(crate) fn clear(&mut self) {
        self.ready.clear();
    }

    /// Whether no socket was ready.
    #[cfg(feature = "net")]
    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Whether a listener or a newcomer was ready.
    pub(crate) fn has_newcomer(&self) -> bool {
        self.ready.contains(&NEWCOMER)
    }

    /// Calls `readable` with each descriptor to sleep on: one of them is readable whenever a socket is ready.
    pub(crate) fn park<'a>(&'a mut self, readable: impl FnMut(BorrowedFd<'a>)) {
        self.poller.park(readable);
    }

    /// The sleep is over.
    #[cfg(feature = "net")]
    pub(crate) fn unpark(&mut self) {
        self.poller.unpark();
    }

    /// What was ready, by its position.
    pub(crate) fn event(&self, at: usize) -> Option<Event> {
        let token = *self.ready.get(at)?;
        Some(usize::try_from(token).ok().filter(|_| token != NEWCOMER).map_or(Event::Newcomer, Event::Peer))
    }
}

#[cfg(all(target_os = "linux", not(mycelium_portable)))]
impl crate::sys::AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.poller.as_fd()
    }
}

fn token(event: Event) -> u64 {
    match event {
        Event::Newcomer => NEWCOMER,
        Event::Peer(place) => place as u64,
    }
}
