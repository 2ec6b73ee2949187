//! Asks the kernel which of many sockets are readable.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;

use super::receive::Event;
use crate::link::wait::timespec;

/// The token of listeners and newcomers; a peer has its place as token.
const NEWCOMER: u64 = u64::MAX;

/// The maximum number of sockets reported at once; the others are reported next time.
const AT_ONCE: usize = 64;

/// An epoll set, with what was ready when it was last asked. A socket leaves the set when it is closed, unless there is a
/// copy of its descriptor.
#[derive(Debug)]
pub(crate) struct Readiness {
    epoll: OwnedFd,
    ready: Vec<u64>,
}

impl Readiness {
    /// A set with these listeners.
    pub(crate) fn listening<L: AsFd>(listeners: &[L]) -> io::Result<Self> {
        let readiness = Self { epoll: epoll::create(CreateFlags::CLOEXEC)?, ready: Vec::with_capacity(AT_ONCE) };
        listeners.iter().try_for_each(|listener| readiness.watch(listener, Event::Newcomer))?;
        Ok(readiness)
    }

    /// Adds a socket. What happens to it is reported as `event`.
    pub(crate) fn watch(&self, socket: impl AsFd, event: Event) -> Result<(), Errno> {
        epoll::add(&self.epoll, socket, token(event), EventFlags::IN)
    }

    /// From now on, what happens to the socket is reported as `event`.
    pub(crate) fn rename(&self, socket: impl AsFd, event: Event) -> Result<(), Errno> {
        epoll::modify(&self.epoll, socket, token(event), EventFlags::IN)
    }

    /// Stops or resumes reports that a listener is readable. Changing a socket of the set takes no memory, so it does not
    /// fail.
    pub(crate) fn set_listening(&self, listener: impl AsFd, on: bool) {
        let flags = if on { EventFlags::IN } else { EventFlags::empty() };
        let _ = epoll::modify(&self.epoll, listener, token(Event::Newcomer), flags);
    }

    /// Removes a socket from the set, for sockets of which a copied descriptor stays open. Does nothing if it is not in the
    /// set.
    pub(crate) fn forget(&self, socket: impl AsFd) {
        let _ = epoll::delete(&self.epoll, socket);
    }

    /// Waits until a socket is ready, for `timeout` at most. Of the sockets that stay ready, those come first that were not
    /// reported for the longest time.
    pub(crate) fn ask(&mut self, timeout: Duration) -> io::Result<()> {
        self.ready.clear();
        let mut space = [const { MaybeUninit::<epoll::Event>::uninit() }; AT_ONCE];
        match epoll::wait(&self.epoll, &mut space, Some(&timespec(timeout))) {
            Ok((events, _)) => {
                self.ready.extend(events.iter().map(|event| event.data.u64()));
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Clears what was ready.
    pub(crate) fn clear(&mut self) {
        self.ready.clear();
    }

    /// Whether no socket was ready.
    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Whether a listener or a newcomer was ready.
    pub(crate) fn has_newcomer(&self) -> bool {
        self.ready.contains(&NEWCOMER)
    }

    /// What was ready, by its position.
    pub(crate) fn event(&self, at: usize) -> Option<Event> {
        let token = *self.ready.get(at)?;
        Some(usize::try_from(token).ok().filter(|_| token != NEWCOMER).map_or(Event::Newcomer, Event::Peer))
    }
}

fn token(event: Event) -> EventData {
    EventData::new_u64(match event {
        Event::Newcomer => NEWCOMER,
        Event::Peer(place) => place as u64,
    })
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}
