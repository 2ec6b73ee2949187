use crate::lane::{Parking, Waits};
use std::task::{Context, Poll, Waker};

use crate::link::Counters;
use crate::notice::{self, Notices};
use crate::ring::{Consumer, Ready};
use crate::routing::Handed;

/// What a task has emitted, for its router to take.
#[derive(Debug)]
pub struct Outbox {
    consumer: Option<Consumer>,
    /// Messages that it holds.
    room: usize,
    service: &'static str,
    notices: Notices,
    counters: Counters,
}

impl Outbox {
    pub(super) fn new(
        consumer: Option<Consumer>,
        room: usize,
        service: &'static str,
        notices: Notices,
        counters: Counters,
    ) -> Self {
        Self { consumer, room, service, notices, counters }
    }

    /// The live counters of what is taken of it, for other threads to read. What was emitted is counted by the task.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Hands at most `max` messages to `take`, in order, each as its id and its body, which lies on an 8-byte boundary.
    /// Returns how many there were.
    #[inline]
    pub fn poll(&mut self, max: usize, take: impl FnMut(u16, Handed<'_>)) -> usize {
        self.poll_while(|| true, max, take)
    }

    /// The same as long as `goes_on` says so, which is asked before each message.
    #[doc(hidden)]
    #[inline]
    pub fn poll_while(
        &mut self,
        goes_on: impl Fn() -> bool,
        max: usize,
        mut take: impl FnMut(u16, Handed<'_>),
    ) -> usize {
        let Self { consumer, counters, .. } = self;
        let Some(consumer) = consumer.as_mut().filter(|_| goes_on()) else { return 0 };
        let mut taken = 0;
        let _ = consumer.try_poll(max, |frame| {
            // Before the call: a message whose handler panics was taken.
            taken += 1;
            counters.received.add(1);
            counters.bytes_received.add(frame.body.len() as u64);
            take(frame.type_id, Handed::new(frame.body));
            if goes_on() { Ok(()) } else { Err(()) }
        });
        taken
    }

    /// Has `waker` called when there is a message, or the task is gone; false if there is a message already.
    /// [`unpark`](Self::unpark) follows.
    pub fn park(&mut self, waker: &Waker) -> bool {
        let ready = |consumer: &mut Consumer| consumer.poll_ready(&mut Context::from_waker(waker));
        !matches!(self.consumer.as_mut().map(ready), Some(Poll::Ready(Ready::Yes)))
    }

    /// Nobody need be woken.
    pub fn unpark(&mut self) {
        if let Some(consumer) = &mut self.consumer {
            consumer.awake();
        }
    }

    /// Whether a message is there.
    #[must_use]
    pub fn has_message(&self) -> bool {
        self.consumer.as_ref().is_some_and(Consumer::has_message)
    }
}

impl Drop for Outbox {
    /// What nobody has taken is lost with its router.
    fn drop(&mut self) {
        // Bounded, since its task may go on.
        let left = self.consumer.as_mut().map_or(0, |consumer| consumer.poll(self.room, |_| ()));
        if left > 0 {
            let service = self.service;
            notice::warning!(self.notices, service, left, "a router ended before it had taken what a task had emitted");
        }
    }
}

impl Waits for Outbox {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        Outbox::park(self, parking.waker())
    }

    fn unpark(&mut self) {
        Outbox::unpark(self);
    }
}
