//! The receiving end of a ring into a lane.

use super::dead_letter::{Letters, Origin};
use super::rest::Resting;
use super::system::{Arrival, Body, Failure};
use crate::cutoff::Cutoff;
use crate::link::Counters;
use crate::ring::Consumer;
use crate::routing::Handed;

/// Messages that one ring may deliver in one turn, so that none starves what else the lane looks at.
pub(super) const TURN: usize = 64;

/// Why a lane does less in a turn than there is.
pub(super) enum Stop {
    /// It failed.
    Failed(Failure),
    /// The cutoff has passed.
    Late,
}

/// A ring, with what the lane knows about it.
#[derive(Debug)]
pub(super) struct Incoming {
    ring: Resting,
    arrival: Arrival,
    origin: Origin,
    /// Messages taken, ever. Published in `counters` after each turn.
    taken: u64,
    published: u64,
    gaps: u64,
    counters: Counters,
}

impl Incoming {
    pub(super) fn new(consumer: Consumer, arrival: Arrival, origin: Origin) -> Self {
        let ring = Resting::new(consumer);
        Self { ring, arrival, origin, taken: 0, published: 0, gaps: 0, counters: Counters::default() }
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Hands what has arrived to `body`, up to the bound of a turn, or the cutoff. Returns how many messages that were.
    ///
    /// # Errors
    /// With `on_error: propagate` the first error; messages behind it stay in the ring.
    #[inline]
    pub(super) fn turn<B: Body>(&mut self, body: &mut B, letters: &Letters, cutoff: &Cutoff) -> Result<usize, Failure> {
        if cutoff.has_passed() {
            return Ok(0);
        }
        let Self { ring, arrival, origin, taken, gaps, .. } = self;
        let before = *taken;
        let stopped = ring.consumer.try_poll(TURN, |frame| {
            *taken += 1;
            *gaps += u64::from(frame.lost);
            let letter = letters.open(*origin, frame.type_id, frame.body);
            match body.arrived(*arrival, *origin, frame.type_id, Handed::new(frame.body), letters) {
                Ok(()) => {
                    letter.close();
                    if cutoff.has_passed() { Err(Stop::Late) } else { Ok(()) }
                }
                Err(error) => {
                    letters.failed(letter);
                    Err(Stop::Failed(error))
                }
            }
        });
        let count = (self.taken - before) as usize;
        if count > 0 {
            let gathered = body.gathered(self.origin, letters);
            self.publish();
            if let Err(Stop::Failed(error)) = stopped {
                return Err(error);
            }
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
        self.ring.consumer.is_closed() && !self.ring.consumer.has_message()
    }

    /// The ring, to sleep on.
    pub(super) fn ring(&mut self) -> &mut Resting {
        &mut self.ring
    }
}
