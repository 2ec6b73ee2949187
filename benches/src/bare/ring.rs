//! rtrb, the bare ring between two threads.

use rtrb::{Consumer, Producer, RingBuffer};

use crate::port::{Body, Port};

/// One end of two rings, one in each direction.
pub struct Ring<const W: usize> {
    producer: Producer<Body<W>>,
    consumer: Consumer<Body<W>>,
}

/// Both ends.
pub fn pair<const W: usize>(capacity: usize) -> (Ring<W>, Ring<W>) {
    let (to, at_far) = RingBuffer::new(capacity);
    let (back, at_near) = RingBuffer::new(capacity);
    (Ring { producer: to, consumer: at_near }, Ring { producer: back, consumer: at_far })
}

impl<const W: usize> Port<W> for Ring<W> {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        while self.producer.push(*body).is_err() {
            std::hint::spin_loop();
        }
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        let mut taken = 0;
        while let Ok(body) = self.consumer.pop() {
            take(&body);
            taken += 1;
            if taken == 64 {
                break;
            }
        }
        taken
    }
}
