//! Which of many sockets have something to read, as the kernel knows.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

use crate::link::wait::timespec;

/// An epoll set with a bounded list of what was ready when it was last asked. A socket leaves the set when it is closed.
pub(super) struct Readiness {
    epoll: OwnedFd,
    events: Vec<Event>,
}

impl Readiness {
    pub(super) fn new(limit: usize) -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(CreateFlags::CLOEXEC)?, events: Vec::with_capacity(limit) })
    }

    /// Adds a socket, which will be reported as `token`.
    pub(super) fn watch(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(token), EventFlags::IN)?)
    }

    /// From now on the socket is reported as `token`.
    pub(super) fn rename(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, socket, EventData::new_u64(token), EventFlags::IN)?)
    }

    /// Waits until a socket is ready, for `timeout` at most. Of sockets that stay ready, those come first that were not
    /// reported for the longest time.
    pub(super) fn ask(&mut self, timeout: Duration) -> io::Result<()> {
        self.events.clear();
        let space = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, space, Some(&timespec(timeout))) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The token of the ready socket at this position.
    pub(super) fn get(&self, at: usize) -> Option<u64> {
        self.events.get(at).map(|event| event.data.u64())
    }
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("epoll", &self.epoll).finish_non_exhaustive()
    }
}
