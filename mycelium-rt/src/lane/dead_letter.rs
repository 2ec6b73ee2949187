//! Messages that are lost in a panic: how a lane keeps the one that a panic interrupted, to report it.

use std::sync::{Mutex, PoisonError};

use crate::counters::{Group, LaneWords};
use crate::cutoff::Cutoff;
use crate::routing::Origin;
use crate::routing::turn::Watch;

/// The largest body that there is.
const MAX_BODY: usize = 65_528;

/// Where a lane keeps the message that a panic interrupted, until the cascade is unwound.
///
/// One buffer, allocated at the start: only one top-level message can be lost at a time.
#[derive(Debug)]
pub struct InFlightRecord {
    lost: Mutex<Lost>,
    /// Counts top-level messages as they begin, which shows that the lane moves.
    words: Group<LaneWords>,
}

#[derive(Debug)]
struct Lost {
    origin: Option<Origin>,
    id: u16,
    messages: u64,
    body: Vec<u8>,
}

impl InFlightRecord {
    pub(super) fn new(words: Group<LaneWords>) -> Self {
        let body = Vec::with_capacity(MAX_BODY);
        Self { lost: Mutex::new(Lost { origin: None, id: 0, messages: 0, body }), words }
    }

    /// To be called before a top-level message is delivered; the guard is completed after that.
    ///
    /// On the path of messages this is one plain store.
    #[inline(always)]
    pub fn begin<'a>(&'a self, origin: Origin, id: u16, body: &'a [u8]) -> InFlight<'a> {
        self.begin_batch(origin, id, body, 1)
    }

    /// The same for several messages of one type that are delivered together; `body` is that of the first.
    #[inline(always)]
    pub fn begin_batch<'a>(&'a self, origin: Origin, id: u16, body: &'a [u8], messages: usize) -> InFlight<'a> {
        self.words.begun.add(1);
        InFlight { in_flight: self, origin, id, body, messages }
    }

    /// The message failed, which counts as a panic with `on_error: propagate`.
    #[cold]
    pub fn failed(&self, message: InFlight<'_>) {
        drop(message);
    }

    /// Top-level messages begun so far.
    pub(super) fn begun(&self) -> u64 {
        self.words.begun.get()
    }

    #[cold]
    fn keep(&self, message: &InFlight<'_>) {
        let mut lost = self.lock();
        // The first is the one that failed. After messages that were delivered together, the one that arrived after them is lost as well.
        lost.messages += message.messages as u64;
        if lost.origin.is_none() {
            lost.origin = Some(message.origin);
            lost.id = message.id;
            lost.body.clear();
            lost.body.extend_from_slice(message.body.get(..MAX_BODY).unwrap_or(message.body));
        }
    }

    /// The number of messages lost since the last call.
    pub(super) fn count_lost(&self) -> u64 {
        std::mem::take(&mut self.lock().messages)
    }

    /// Hands the lost message to `report`, if there is one, and forgets it.
    pub(super) fn take(&self, report: impl FnOnce(Origin, u16, &[u8])) {
        let mut lost = self.lock();
        if let Some(origin) = lost.origin.take() {
            report(origin, lost.id, &lost.body);
        }
    }

    fn lock(&self) -> impl std::ops::DerefMut<Target = Lost> + '_ {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A top-level message that is being delivered. One that is dropped without being completed, by a panic, is lost.
#[derive(Debug)]
#[must_use = "a message that is not completed counts as lost"]
pub struct InFlight<'a> {
    in_flight: &'a InFlightRecord,
    origin: Origin,
    id: u16,
    body: &'a [u8],
    messages: usize,
}

impl InFlight<'_> {
    /// The message was delivered.
    #[inline(always)]
    pub fn complete(self) {
        std::mem::forget(self);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.in_flight.keep(self);
    }
}

/// How a lane watches its turns: it records messages in flight, and checks the deadline of the end before each.
#[derive(Clone, Copy, Debug)]
pub struct LaneWatch<'l> {
    in_flight: &'l InFlightRecord,
    cutoff: &'l Cutoff,
}

impl<'l> LaneWatch<'l> {
    pub(super) fn new(in_flight: &'l InFlightRecord, cutoff: &'l Cutoff) -> Self {
        Self { in_flight, cutoff }
    }
}

impl<'l> Watch for LaneWatch<'l> {
    type InFlight<'a>
        = InFlight<'a>
    where
        'l: 'a;

    #[inline(always)]
    fn goes_on(self) -> bool {
        !self.cutoff.has_passed()
    }

    #[inline(always)]
    fn begin<'a>(self, origin: Origin, id: u16, body: &'a [u8], messages: usize) -> InFlight<'a>
    where
        'l: 'a,
    {
        self.in_flight.begin_batch(origin, id, body, messages)
    }

    #[inline(always)]
    fn complete<'a>(self, message: InFlight<'a>, failed: bool)
    where
        'l: 'a,
    {
        if failed { self.in_flight.failed(message) } else { message.complete() }
    }

    #[inline(always)]
    fn stops_at_errors(self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn taken(in_flight: &InFlightRecord) -> (u64, Option<(Origin, u16, Vec<u8>)>) {
        let mut seen = None;
        in_flight.take(|origin, id, body| seen = Some((origin, id, body.to_vec())));
        (in_flight.count_lost(), seen)
    }

    #[test]
    fn a_panic_leaves_its_message_and_a_delivery_none() {
        let in_flight = InFlightRecord::new(Group::default());
        in_flight.begin(Origin::Sender, 1, &[1]).complete();
        assert_eq!(taken(&in_flight), (0, None));
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _lost = in_flight.begin(Origin::Input("feed"), 7, &[1, 2]);
            std::panic::resume_unwind(Box::new("out of range"));
        }));
        assert_eq!(taken(&in_flight), (1, Some((Origin::Input("feed"), 7, vec![1, 2]))));
        assert_eq!(taken(&in_flight), (0, None));
        assert_eq!(in_flight.begun(), 2);
    }

    #[test]
    fn of_messages_that_failed_together_the_first_is_kept_and_all_are_counted() {
        let in_flight = InFlightRecord::new(Group::default());
        in_flight.failed(in_flight.begin(Origin::Sender, 1, &[1]));
        in_flight.failed(in_flight.begin_batch(Origin::Sender, 2, &[2], 3));
        assert_eq!(taken(&in_flight), (4, Some((Origin::Sender, 1, vec![1]))));
    }
}
