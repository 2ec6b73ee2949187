//! The receiving end of a ring into a lane.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::dead_letter::{Letters, Origin};
use super::system::{Arrival, Body, Failure};
use crate::link::Counters;
use crate::ring::{Consumer, Ready};

/// Messages that one ring may deliver in one turn, so that none starves what else the lane looks at.
pub(super) const TURN: usize = 64;

/// A ring, with what the lane knows about it.
#[derive(Debug)]
pub(super) struct Incoming {
    consumer: Consumer,
    arrival: Arrival,
    origin: Origin,
    /// Messages taken, ever. Published in `counters` after each turn.
    taken: u64,
    published: u64,
    gaps: u64,
    /// Whether the lane has been told that this ring is over.
    known_over: bool,
    counters: Arc<Counters>,
}

impl Incoming {
    pub(super) fn new(consumer: Consumer, arrival: Arrival, origin: Origin) -> Self {
        Self { consumer, arrival, origin, taken: 0, published: 0, gaps: 0, known_over: false, counters: Arc::default() }
    }

    pub(super) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Hands what has arrived to `body`, up to the bound of a turn. Returns how many messages that were.
    ///
    /// # Errors
    /// With `on_error: propagate` the first error; messages behind it stay in the ring.
    #[inline]
    pub(super) fn turn<B: Body>(&mut self, body: &mut B, letters: &Letters) -> Result<usize, Failure> {
        let Self { consumer, arrival, origin, taken, gaps, .. } = self;
        let before = *taken;
        let failed = consumer.try_poll(TURN, |frame| {
            *taken += 1;
            *gaps += u64::from(frame.lost);
            let letter = letters.open(*origin, frame.type_id, frame.body);
            match body.arrived(*arrival, *origin, frame.type_id, frame.body, letters) {
                Ok(()) => {
                    letter.close();
                    Ok(())
                }
                Err(error) => {
                    letters.failed(letter);
                    Err(error)
                }
            }
        });
        let count = (self.taken - before) as usize;
        if count > 0 {
            let gathered = body.gathered(self.origin, letters);
            self.publish();
            failed?;
            gathered?;
        }
        Ok(count)
    }

    /// Shows other threads what was taken; also what a panic has kept from being shown.
    pub(super) fn publish(&mut self) {
        self.counters.received.add(self.taken - self.published);
        self.counters.gaps.add(std::mem::take(&mut self.gaps));
        self.published = self.taken;
    }

    /// Whether nothing is left and nothing can come any more.
    pub(super) fn is_over(&self) -> bool {
        self.consumer.is_closed() && !self.consumer.has_message()
    }

    /// Has `cx` woken by the next message; false if there is something to look at already.
    pub(super) fn park(&mut self, cx: &mut Context<'_>) -> bool {
        match self.consumer.poll_ready(cx) {
            Poll::Pending => true,
            // The end of a ring is news once: a lane that drains waits for it. After that it does not keep a lane awake.
            Poll::Ready(Ready::Closed) => std::mem::replace(&mut self.known_over, true),
            Poll::Ready(_) => false,
        }
    }

    pub(super) fn unpark(&mut self) {
        self.consumer.awake();
    }
}
