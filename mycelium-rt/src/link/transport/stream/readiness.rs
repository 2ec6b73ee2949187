//! Which of many sockets have something to read, as the kernel knows.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

use crate::link::wait::timespec;

/// What the kernel reports for a listener and for newcomers; a peer is reported by a number of its own.
pub(crate) const NEWCOMER: u64 = u64::MAX;

/// Sockets reported at once, at most; the others come next time.
const AT_ONCE: usize = 64;

/// An epoll set, with what was ready when it was last asked. A socket leaves the set when it is closed.
#[derive(Debug)]
pub(crate) struct Readiness {
    epoll: OwnedFd,
    ready: Vec<u64>,
}

impl Readiness {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(CreateFlags::CLOEXEC)?, ready: Vec::with_capacity(AT_ONCE) })
    }

    /// Adds a socket, which will be reported as `token`.
    pub(crate) fn watch(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(token), EventFlags::IN)?)
    }

    /// From now on the socket is reported as `token`.
    pub(crate) fn rename(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, socket, EventData::new_u64(token), EventFlags::IN)?)
    }

    /// From now on nothing that can be read from the socket is reported; [`rename`](Self::rename) ends that.
    pub(crate) fn mute(&self, socket: impl AsFd) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, socket, EventData::new_u64(NEWCOMER), EventFlags::empty())?)
    }

    /// Waits until a socket is ready, for `timeout` at most. Of sockets that stay ready, those come first that were not
    /// reported for the longest time.
    pub(crate) fn ask(&mut self, timeout: Duration) -> io::Result<()> {
        self.ready.clear();
        let mut space = [const { MaybeUninit::<Event>::uninit() }; AT_ONCE];
        match epoll::wait(&self.epoll, &mut space, Some(&timespec(timeout))) {
            Ok((events, _)) => {
                self.ready.extend(events.iter().map(|event| event.data.u64()));
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether no socket was ready.
    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Whether a socket with this token was ready.
    pub(crate) fn has(&self, token: u64) -> bool {
        self.ready.contains(&token)
    }

    /// The token of the ready socket at this position.
    pub(crate) fn get(&self, at: usize) -> Option<u64> {
        self.ready.get(at).copied()
    }
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}
