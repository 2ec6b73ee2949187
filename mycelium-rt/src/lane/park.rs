//! What a lane sleeps on, besides its rings: links, inputs and outboxes say what wakes it.

use std::task::{Context, Waker};
use std::time::Instant;

use crate::link::transport::Transport;
use crate::link::{Input, Interest, Link, RingReceiver, RingSender};
use crate::sys::BorrowedFd;

/// Collects what is to wake a lane, besides its rings: descriptors, and the earliest time.
#[derive(Debug)]
pub struct Parking<'a> {
    waker: &'a Waker,
    pub(crate) descriptors: Vec<Interest<'a>>,
    pub(crate) until: Option<Instant>,
}

impl<'a> Parking<'a> {
    pub(crate) fn new(waker: &'a Waker) -> Self {
        Self { waker, descriptors: Vec::new(), until: None }
    }

    /// Wakes the lane when it is called, from any thread.
    #[must_use]
    pub fn waker(&self) -> &'a Waker {
        self.waker
    }

    /// Wakes the lane when the descriptor is readable.
    pub fn readable(&mut self, descriptor: BorrowedFd<'a>) {
        self.descriptors.push(Interest { descriptor, readable: true, writable: false });
    }

    /// Wakes the lane when what a link waits for happens.
    pub fn interest(&mut self, interest: Option<Interest<'a>>) {
        self.descriptors.extend(interest);
    }

    /// Wakes the lane at this time.
    pub fn by(&mut self, time: Option<Instant>) {
        self.until = match (self.until, time) {
            (Some(until), Some(time)) => Some(until.min(time)),
            (until, time) => until.or(time),
        };
    }
}

/// An end that a lane polls and may have to sleep on.
pub trait Waits {
    /// Registers what is to wake the lane; false if there is work already. [`unpark`](Self::unpark) follows in any case.
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool;

    /// The lane is awake.
    fn unpark(&mut self) {}
}

impl<T: Transport> Waits for Input<T> {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        // Before the final check: what arrives after that calls the waker.
        self.wake(Some(parking.waker()));
        let idle = Input::park(self);
        parking.by(self.timer());
        self.descriptors(|descriptor| parking.readable(descriptor));
        idle
    }

    fn unpark(&mut self) {
        self.wake(None);
        Input::unpark(self);
    }
}

impl<T: Transport> Waits for Link<T> {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        self.wake(Some(parking.waker()));
        let idle = Link::park(self);
        parking.by(self.timer());
        parking.interest(self.interest());
        idle
    }

    fn unpark(&mut self) {
        self.wake(None);
        Link::unpark(self);
        self.hurry();
    }
}

impl Waits for RingReceiver {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        self.poll_ready(&mut Context::from_waker(parking.waker())).is_pending()
    }

    fn unpark(&mut self) {
        RingReceiver::unpark(self);
    }
}

impl Waits for RingSender {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        parking.by(self.timer());
        true
    }
}

impl<W: Waits> Waits for Option<W> {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        self.as_mut().is_none_or(|end| end.park(parking))
    }

    fn unpark(&mut self) {
        if let Some(end) = self {
            end.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::link::RingSpec;

    struct Calls(AtomicUsize);

    impl Wake for Calls {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_message_wakes_the_owner_of_its_ring_only_if_it_sleeps() {
        let (mut sender, mut receiver) = RingSpec::new("ticks").open().unwrap();
        let calls = Arc::new(Calls(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&calls));
        for woken in 1..4 {
            assert!(Waits::park(&mut receiver, &mut Parking::new(&waker)));
            sender.send_bytes(7, &[1]).unwrap();
            assert_eq!(calls.0.load(Ordering::Relaxed), woken);
            assert!(!Waits::park(&mut receiver, &mut Parking::new(&waker)), "there is a message");
            Waits::unpark(&mut receiver);
            sender.send_bytes(7, &[2]).unwrap();
            assert_eq!(calls.0.load(Ordering::Relaxed), woken, "nobody sleeps");
            assert_eq!(receiver.poll(9, |_, _| {}), 2);
        }
    }
}
