//! Links between two processes.

use crate::ours::Wait;
use crate::ours::shm::{AtOnce, Setup, Shm, end};
use crate::ours::stream::{self, Stream};
use crate::port::{Body, Port};
use crate::processes::{Job, Path, Place};

/// Shared memory: both ends poll.
pub struct Polled;
/// Shared memory: both ends poll, and messages are sent 64 at once.
pub struct PolledAtOnce;
/// Shared memory: both ends wait as inputs do by default: they spin for 20 µs, then sleep.
pub struct Waiting;
/// Shared memory: both ends sleep in the kernel at once when there is nothing.
pub struct Blocking;
/// TCP over the loopback device: both ends sleep in the kernel when there is nothing.
pub struct Tcp;

/// Messages in a write of 64 KiB.
const BULK: u32 = 1024;

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

impl Path<8> for PolledAtOnce {
    const NAME: &'static str = "ours-polled-at-once";
    type End = AtOnce;
    fn open(place: &Place) -> AtOnce {
        let (here, there) = place.mine_and_theirs();
        AtOnce::end(Setup { slots: 1024, wait: Wait::Poll, batch: 1 }, &here, &there)
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

impl<const W: usize> Path<W> for Tcp {
    const NAME: &'static str = "ours-tcp";
    type End = Stream;
    fn open(place: &Place) -> Stream {
        let trips = place.job == Job::Trips;
        stream::end::<W>(Wait::Block, if trips { 1 } else { BULK }, trips, place)
    }
}
