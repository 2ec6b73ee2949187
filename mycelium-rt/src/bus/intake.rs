//! The receiving end of a service: its place on the bus, and what waits there for it.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::ServiceContext;
use super::place::Place;
use super::service::Tally;
use crate::ring::{Consumer, Ready};
use crate::routing::Handed;
use crate::service::{BatchBuffer, Inbox, Next};

/// Takes a service's messages out of its inbox. However the service ends, dropping this leaves its place on the bus, and counts what was
/// not handled.
pub(super) struct Intake {
    place: Arc<Place>,
    consumer: Consumer,
    tally: Arc<Tally>,
    /// Messages that are settled.
    settled: u64,
    /// Messages that were taken out, and are not settled.
    taken: usize,
}

impl Intake {
    pub(super) fn new(place: Arc<Place>, consumer: Consumer, tally: Arc<Tally>) -> Self {
        Self { place, consumer, tally, settled: 0, taken: 0 }
    }
}

impl Inbox<ServiceContext> for Intake {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Ready> {
        self.consumer.poll_ready(cx)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.consumer.poll_closed(cx)
    }

    fn is_closed(&self) -> bool {
        self.consumer.is_closed()
    }

    fn close(&self) {
        self.place.leave();
    }

    fn take(&mut self, batch: &mut BatchBuffer) {
        self.taken += self.consumer.poll(batch.room(), |frame| {
            batch.copy(&frame);
        });
    }

    fn begin(&mut self, messages: usize, is_request: bool, cx: &mut ServiceContext) {
        self.tally.received.add(messages as u64);
        if is_request {
            cx.asker = self.place.inbox.asker(self.settled);
        }
    }

    fn handed<'a>(&self, body: &'a [u8]) -> Handed<'a> {
        Handed::new(body)
    }

    fn settle(&mut self, messages: usize, cx: &mut ServiceContext) {
        // Dropped, if the handler has not replied: whoever asked need not wait any longer.
        cx.asker = None;
        self.settled += messages as u64;
        self.taken -= messages;
        self.place.inbox.done(messages);
    }

    #[inline(always)]
    fn pace(&self) -> Next {
        if self.place.is_ending() { Next::Yield } else { Next::GoOn }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.place.leave();
        self.place.inbox.dismiss_askers();
        let mut left = self.taken;
        self.place.inbox.done(left);
        while self.consumer.poll(1, |_| ()) > 0 {
            left += 1;
            self.place.inbox.done(1);
        }
        self.tally.left.add(left as u64);
    }
}
