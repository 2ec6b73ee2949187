//! heapless's queue, whose memory is part of it.

use heapless::spsc::{Consumer, Producer, Queue};

use crate::port::{Body, Port};

/// Messages of a queue, and one more.
const SLOTS: usize = 1024;

/// One end of two queues, one in each direction.
pub struct Heapless<const W: usize> {
    producer: Producer<'static, Body<W>>,
    consumer: Consumer<'static, Body<W>>,
}

/// Both ends. Their memory is leaked: the ends borrow the queue, and outlive the function that made it.
pub fn pair<const W: usize>() -> (Heapless<W>, Heapless<W>) {
    let queue = || Box::leak(Box::new(Queue::<Body<W>, SLOTS>::new())).split();
    let ((to, at_far), (back, at_near)) = (queue(), queue());
    (Heapless { producer: to, consumer: at_near }, Heapless { producer: back, consumer: at_far })
}

impl<const W: usize> Port<W> for Heapless<W> {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        while self.producer.enqueue(*body).is_err() {
            std::hint::spin_loop();
        }
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        let mut taken = 0;
        while taken < 64
            && let Some(body) = self.consumer.dequeue()
        {
            take(&body);
            taken += 1;
        }
        taken
    }
}
