//! The halves that one end has made, which it uses again and again.
//!
//! A peer can keep the descriptor of a half, and with it the half's memory, for as long as it likes, and nothing can take that memory
//! back: the seals which make it safe to map forbid it. Were each connection given a half of its own, a peer that connects again and
//! again would make this process allocate without end. So a half is never thrown away while its end lives: the next connection gets it,
//! emptied. There are as many as there were connections at the same time, each of which is bounded.
//!
//! An earlier peer may go on to look at such a half. It can't write there; and what it reads is for a process of the same user, since
//! rings are used again only for the user that had them.

use std::io;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use super::half::OwnHalf;
use crate::ring::Geometry;

/// Makes halves, and takes them back.
#[derive(Clone, Debug)]
pub(super) struct Spares {
    digest: u64,
    free: Free,
}

/// Those that no connection uses, with their ring and the user that had them.
type Free = Arc<Mutex<Vec<(u32, Option<Geometry>, OwnHalf)>>>;

/// A half of one connection, which goes back when that ends.
#[derive(Debug)]
pub(super) struct LentHalf {
    half: OwnHalf,
    user: u32,
    ring: Option<Geometry>,
    spares: Spares,
}

impl Spares {
    /// None yet; `digest` is that of the owner's messages.
    pub(super) fn new(digest: u64) -> Self {
        Self { digest, free: Arc::default() }
    }

    /// A half with this ring, or with control words alone, for a connection to a process of `user`.
    pub(super) fn take(&self, ring: Option<Geometry>, user: u32, link: u64) -> io::Result<LentHalf> {
        let half = match self.free_for(ring, user) {
            Some(half) => {
                half.renew(ring, link, self.digest);
                half
            }
            None => OwnHalf::create(ring, link, self.digest)?,
        };
        Ok(LentHalf { half, ring, user, spares: self.clone() })
    }

    /// The one that has been free for the longest time.
    fn free_for(&self, ring: Option<Geometry>, user: u32) -> Option<OwnHalf> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        // Control words say nothing that is not for everybody.
        let is_for = |owner: u32, its: Option<Geometry>| its == ring && (ring.is_none() || owner == user);
        let at = free.iter().position(|(owner, its, half)| is_for(*owner, *its) && half.is_unused())?;
        Some(free.remove(at).2)
    }
}

impl Deref for LentHalf {
    type Target = OwnHalf;

    fn deref(&self) -> &OwnHalf {
        &self.half
    }
}

impl Drop for LentHalf {
    fn drop(&mut self) {
        let half = self.half.clone();
        self.spares.free.lock().unwrap_or_else(PoisonError::into_inner).push((self.user, self.ring, half));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::half::PeerHalf;

    fn inode(half: &OwnHalf) -> u64 {
        rustix::fs::fstat(half.descriptor()).unwrap().st_ino
    }

    #[test]
    fn a_half_is_used_again_as_if_it_were_new() {
        let ring = Geometry::new(16, 8).ok();
        let spares = Spares::new(5);
        let first = spares.take(ring, 1, 7).unwrap();
        let (one, other) = (inode(&first), inode(&spares.take(ring, 1, 8).unwrap()));
        assert_ne!(one, other, "both at the same time");
        for offset in [0x1000, 0x2000, 0x2008] {
            first.scribble(offset, 9);
        }
        drop(first);
        let again = [spares.take(ring, 1, 9).unwrap(), spares.take(ring, 1, 10).unwrap()];
        assert_eq!(again.each_ref().map(|half| inode(half)), [other, one], "the one that was free first");
        let file = again[1].descriptor().try_clone_to_owned().unwrap();
        assert!(PeerHalf::open(&file, ring, 10).is_ok(), "with the number of its link");
        let mut all = vec![1; crate::shm::half::half_size(ring) - 64];
        rustix::io::pread(&file, &mut all, 64).unwrap();
        assert!(all.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_ring_is_for_one_user_and_control_words_are_for_all() {
        let spares = Spares::new(0);
        let inodes = |ring| [1, 2, 1].map(|user| inode(&spares.take(ring, user, 1).unwrap()));
        let [first, second, third] = inodes(Geometry::new(16, 8).ok());
        assert!(first != second && first == third);
        let [first, second, third] = inodes(None);
        assert!(first == second && first == third);
    }
}
