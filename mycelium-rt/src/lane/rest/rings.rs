//! Leaving word at rings, all of them behind one barrier.

use std::task::Waker;

use crate::ring::{self, Consumer, Ready};

/// The receiving end of a ring that its owner sleeps on together with others.
#[derive(Debug)]
pub(in crate::lane) struct Resting {
    pub(in crate::lane) consumer: Consumer,
    /// Whether the owner has been told that this ring is over.
    known_over: bool,
}

impl Resting {
    pub(in crate::lane) fn new(consumer: Consumer) -> Self {
        Self { consumer, known_over: false }
    }

    fn announce_sleep(&mut self, waker: &Waker) -> bool {
        let ready = self.consumer.announce_sleep(waker);
        self.is_quiet(ready)
    }

    fn recheck(&mut self) -> bool {
        let ready = if super::rules::looks_again() { self.consumer.recheck() } else { None };
        self.is_quiet(ready)
    }

    fn is_quiet(&mut self, ready: Option<Ready>) -> bool {
        match ready {
            None => true,
            // The end of a ring is news once: a lane that drains waits for it. After that it does not keep a lane awake.
            Some(Ready::Closed) => std::mem::replace(&mut self.known_over, true),
            Some(Ready::Yes | Ready::TimedOut) => false,
        }
    }

    /// The owner is awake.
    pub(in crate::lane) fn unpark(&mut self) {
        self.consumer.awake();
    }
}

/// The rings that a lane sleeps on.
pub(in crate::lane) trait Rings {
    /// Asks each ring, until one says no; whether none did.
    fn all(&mut self, ask: impl FnMut(&mut Resting) -> bool) -> bool;
}

/// Has `waker` called by the next message in any of the rings; false if there is something to look at already.
/// [`Resting::unpark`] of all follows in any case.
///
/// A barrier is a call into the kernel that interrupts every core of the process, and one is enough for all rings.
pub(in crate::lane) fn park(rings: &mut impl Rings, waker: &Waker) -> bool {
    rings.all(|ring| ring.announce_sleep(waker)) && ring::before_sleep() && rings.all(Resting::recheck)
}
