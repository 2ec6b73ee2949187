//! Links over shared memory, between two processes.

use crate::ours::Wait;
use crate::ours::shm::{Setup, Shm, end};
use crate::port::{Body, Port};
use crate::processes::{Job, Path, Place};

/// Both ends look again and again.
pub struct Polled;
/// Both ends wait as inputs do by themselves: awake for 20 µs, then asleep.
pub struct Waiting;
/// Both ends sleep in the kernel at once when there is nothing.
pub struct Blocking;

/// An end that sleeps at once.
pub struct Sleeper(Shm);

fn open<const W: usize>(place: &Place, wait: Wait) -> Shm {
    let (here, there) = place.mine_and_theirs();
    let trips = place.job == Job::Trips;
    let setup = Setup { slots: 1024, wait, batch: if trips { 1 } else { 64 } };
    end::<W>(setup, trips, &here, &there)
}

impl<const W: usize> Path<W> for Polled {
    const NAME: &'static str = "ours-polled";
    type End = Shm;
    fn open(place: &Place) -> Shm {
        open::<W>(place, Wait::Poll)
    }
}

impl<const W: usize> Path<W> for Waiting {
    const NAME: &'static str = "ours-waiting";
    type End = Shm;
    fn open(place: &Place) -> Shm {
        open::<W>(place, Wait::Block)
    }
}

impl<const W: usize> Path<W> for Blocking {
    const NAME: &'static str = "ours-blocking";
    type End = Sleeper;
    fn open(place: &Place) -> Sleeper {
        Sleeper(open::<W>(place, Wait::Block))
    }
}

impl<const W: usize> Port<W> for Sleeper {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        Port::<W>::send(&mut self.0, body);
    }

    #[inline(always)]
    fn flush(&mut self) {
        Port::<W>::flush(&mut self.0);
    }

    #[inline(always)]
    fn receive(&mut self, take: impl FnMut(&Body<W>)) -> usize {
        let taken = self.0.take(take);
        if taken == 0 {
            self.0.sleep();
        }
        taken
    }
}
