//! The ring between two threads.

use mycelium_rt::ring::{Consumer, Producer, PushError, queue};
use zerocopy::IntoBytes;

use super::{Contract, Wait, in_place};
use crate::port::{Body, Port};

/// The most messages taken at once, and between two flushes of a sender that does not stop.
const TURN: usize = 64;

/// One end of two rings, one in each direction.
pub struct Queue {
    producer: Producer,
    consumer: Consumer,
    wait: Wait,
    unflushed: usize,
}

/// Both ends.
pub fn pair<const W: usize>(capacity: usize, wait: Wait) -> (Queue, Queue) {
    let (to, at_far) = queue(capacity, W * 8).expect("a ring of this size");
    let (back, at_near) = queue(capacity, W * 8).expect("a ring of this size");
    let end = |producer, consumer| Queue { producer, consumer, wait, unflushed: 0 };
    (end(to, at_near), end(back, at_far))
}

impl<const W: usize> Port<W> for Queue {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        while let Err(error) = self.producer.push_bytes(Contract::<W>::ID, body.as_bytes()) {
            assert_eq!(error, PushError::Full, "only room can be missing");
            match self.wait {
                Wait::Poll => std::hint::spin_loop(),
                Wait::Block => drop(self.producer.wait_space(None)),
            }
        }
        self.unflushed += 1;
        if self.unflushed == TURN {
            Port::<W>::flush(self);
        }
    }

    #[inline(always)]
    fn flush(&mut self) {
        self.producer.flush();
        self.unflushed = 0;
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        let taken = self.consumer.poll(TURN, |frame| take(in_place(frame.body)));
        if taken == 0 && self.wait == Wait::Block {
            let _ = self.consumer.wait(None);
        }
        taken
    }
}
