//! The halves that one end has made and uses again and again.
//!
//! A peer can keep the descriptor of a half, and with it the half's memory, for as long as it likes, and nothing can take
//! that memory back: the seals that make it safe to map forbid it. If each connection got a new half, a peer that reconnects
//! again and again would make this process allocate without end. So a half is never freed while its end lives: the next
//! connection gets it, cleared. It has room for the largest ring of its end, so that it serves whichever messages the next
//! peer accepts.
//!
//! A peer that has not noticed yet that its connection is over must not see the words of the next one: it would count what
//! another peer receives, or take the zeros for a protocol error. So a half waits, with this side's direction of the last
//! connection's socket shut down, until the peer has closed its side as well. A peer that never does so keeps one half from
//! being used, so that is bounded: once there are `most` halves, the one that has waited longest is used nevertheless. A
//! peer that has held on for that long can miscount its own messages, and nothing else: it can't write to the half, and what
//! it reads is for a process of the same user, since rings are reused only for the same user.

use std::io;
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::net::{Shutdown, shutdown};

use super::channel::Channel;
use crate::ring::Geometry;
use crate::shared_memory::half::OwnHalf;
use crate::sys::poll;

/// Makes halves, and takes them back.
#[derive(Clone, Debug)]
pub(super) struct HalfPool {
    digest: u64,
    /// The largest ring of this end; none if its halves have control words alone.
    room: Option<Geometry>,
    most: usize,
    state: Arc<Mutex<PoolState>>,
}

#[derive(Debug, Default)]
struct PoolState {
    /// The users that halves were made for, one entry for each half, in use or not.
    made: Vec<u32>,
    /// The halves that no connection uses; the one that has waited longest comes first.
    waiting: Vec<Waiting>,
}

/// A half whose connection is over.
#[derive(Debug)]
struct Waiting {
    half: OwnHalf,
    user: u32,
    /// The socket of its last connection, until the peer is gone.
    socket: Option<OwnedFd>,
}

/// The half of one connection, which is returned when that ends.
#[derive(Debug)]
pub(super) struct PooledHalf {
    half: OwnHalf,
    user: u32,
    /// Taken when the half is returned.
    socket: Option<OwnedFd>,
    pool: HalfPool,
}

impl HalfPool {
    /// None yet; `digest` is that of the owner's messages, and `room` its largest ring. There are at most `most` halves per
    /// user, if there are no more connections than that at the same time.
    pub(super) fn new(digest: u64, room: Option<Geometry>, most: usize) -> Self {
        Self { digest, room, most, state: Arc::default() }
    }

    /// A half with this ring, or with control words alone, for a connection over `channel` to a process of `user`.
    pub(super) fn take(
        &self,
        ring: Option<Geometry>,
        user: u32,
        link: u64,
        channel: &Channel,
    ) -> io::Result<PooledHalf> {
        let socket = Some(channel.socket()?);
        // Control words contain nothing that is secret.
        let user = if self.room.is_some() { user } else { 0 };
        let waiting = self.state().next(user, self.most);
        let half = match waiting {
            Some(half) => {
                half.renew(ring, link, self.digest);
                half
            }
            None => {
                let half = OwnHalf::create(self.room, ring, link, self.digest)?;
                self.state().made.push(user);
                half
            }
        };
        Ok(PooledHalf { half, user, socket, pool: self.clone() })
    }

    fn state(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PoolState {
    /// A half whose last peer is gone or, if there are many already, the one that has waited longest.
    fn next(&mut self, user: u32, most: usize) -> Option<OwnHalf> {
        self.drop_ended_sockets();
        let is_full = self.made.iter().filter(|other| **other == user).count() >= most;
        let mut mine = self.waiting.iter().enumerate().filter(|(_, it)| it.user == user && it.half.is_unused());
        let oldest = mine.clone().next().filter(|_| is_full);
        let (at, _) = mine.find(|(_, it)| it.socket.is_none()).or(oldest)?;
        Some(self.waiting.remove(at).half)
    }

    /// Drops the sockets of peers that are gone.
    fn drop_ended_sockets(&mut self) {
        for it in &mut self.waiting {
            it.socket.take_if(|socket| has_ended(socket));
        }
    }
}

/// Whether both sides have closed the connection.
fn has_ended(socket: &OwnedFd) -> bool {
    let mut sockets = [PollFd::new(socket, PollFlags::empty())];
    let asked = poll(&mut sockets, Some(Duration::ZERO));
    asked.is_ok() && sockets[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
}

impl Deref for PooledHalf {
    type Target = OwnHalf;

    fn deref(&self) -> &OwnHalf {
        &self.half
    }
}

impl Drop for PooledHalf {
    fn drop(&mut self) {
        let Some(socket) = self.socket.take() else { return };
        // The peer sees the end of the stream. If it is gone already, all the better.
        let _ = shutdown(&socket, Shutdown::Write);
        let mut state = self.pool.state();
        state.drop_ended_sockets();
        state.waiting.push(Waiting { half: self.half.clone(), user: self.user, socket: Some(socket) });
    }
}

#[cfg(test)]
mod tests {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;
    use crate::shared_memory::half::{PeerHalf, half_size};

    fn ring(max_body: usize) -> Option<Geometry> {
        Geometry::new(16, max_body).ok()
    }

    /// A connection, and its other end.
    fn connection() -> (Channel, OwnedFd) {
        let flags = SocketFlags::CLOEXEC;
        let (near, far) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
        (Channel::new(near), far)
    }

    fn inode(half: &OwnHalf) -> u64 {
        rustix::fs::fstat(half.descriptor()).unwrap().st_ino
    }

    #[test]
    fn a_reused_half_is_like_a_new_one_whatever_ring_it_holds() {
        let half_pool = HalfPool::new(5, ring(600), 2);
        let mut inodes = Vec::new();
        for (link, max_body) in [600, 8, 600, 300].into_iter().enumerate() {
            let (link, (channel, _far)) = (link as u64, connection());
            let half = half_pool.take(ring(max_body), 1, link, &channel).unwrap();
            inodes.push(inode(&half));
            let file = half.descriptor().try_clone_to_owned().unwrap();
            assert!(PeerHalf::open(&file, ring(max_body), link).is_ok(), "with the ring and the number of its link");
            let mut all = vec![1; half_size(ring(600)) - 64];
            rustix::io::pread(&file, &mut all, 64).unwrap();
            assert!(all.iter().all(|byte| *byte == 0));
            for offset in [0x1000, 0x2000, 0x2008] {
                half.scribble(offset, 9);
            }
        }
        assert!(inodes.iter().all(|inode| *inode == inodes[0]));
    }

    #[test]
    fn a_half_is_not_reused_before_its_last_peer_is_gone() {
        let half_pool = HalfPool::new(0, None, 3);
        let (channel, far) = connection();
        let first = half_pool.take(None, 1, 1, &channel).unwrap();
        let one = inode(&first);
        drop((first, channel));
        let (channel, _far) = connection();
        let second = half_pool.take(None, 1, 2, &channel).unwrap();
        assert_ne!(inode(&second), one, "the first peer may still look at it");
        drop(far);
        assert_eq!(inode(&half_pool.take(None, 1, 3, &connection().0).unwrap()), one);
    }

    #[test]
    fn peers_that_never_leave_get_no_more_halves_than_the_limit() {
        let half_pool = HalfPool::new(0, ring(8), 3);
        let mut stubborn = Vec::new();
        let mut inodes = std::collections::BTreeSet::new();
        for link in 0..20 {
            let (channel, far) = connection();
            stubborn.push(far);
            inodes.insert(inode(&half_pool.take(ring(8), 1, link, &channel).unwrap()));
        }
        assert_eq!(inodes.len(), 3);
    }

    #[test]
    fn a_ring_is_for_one_user_and_control_words_are_for_all() {
        let inodes = |room| {
            let half_pool = HalfPool::new(0, room, 4);
            [1, 2, 1].map(|user| inode(&half_pool.take(room, user, 1, &connection().0).unwrap()))
        };
        let [first, second, third] = inodes(ring(8));
        assert!(first != second && first == third);
        let [first, second, third] = inodes(None);
        assert!(first == second && first == third);
    }
}
