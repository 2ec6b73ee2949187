//! The receiving end of a service: its place on the bus, and the messages at hand.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::inbox::Reply;
use super::place::Place;
use super::service::Tally;
use crate::ring::{Consumer, Ready};
use crate::task::Held;

/// Takes a service's messages out of its inbox: one by one, or together those for a handler that takes `&[M]`. However the service ends, dropping this leaves its place on the bus,
/// and counts what was not handled.
pub(super) struct Intake {
    place: Arc<Place>,
    consumer: Consumer,
    tally: Arc<Tally>,
    held: Held,
    /// Whether messages with this id are handed over together.
    is_gathered: fn(u16) -> bool,
    /// Messages handed over before those at hand.
    before: u64,
    /// Messages at hand.
    at_hand: usize,
}

impl Intake {
    pub(super) fn new(
        place: Arc<Place>,
        consumer: Consumer,
        tally: Arc<Tally>,
        held: Held,
        is_gathered: fn(u16) -> bool,
    ) -> Self {
        Self { place, consumer, tally, held, is_gathered, before: 0, at_hand: 0 }
    }

    pub(super) fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Ready> {
        match self.held.left() {
            0 => self.consumer.poll_ready(cx),
            _ => std::task::Poll::Ready(Ready::Yes),
        }
    }

    /// Takes one message in hand, or what waits together for one call of its handler. Returns how many.
    pub(super) fn take(&mut self) -> usize {
        if self.held.left() == 0 {
            self.refill();
        }
        self.held.advance(self.is_gathered);
        (_, _, self.at_hand) = self.held.at_hand();
        self.tally.received.add(self.at_hand as u64);
        self.at_hand
    }

    fn refill(&mut self) {
        let Self { consumer, held, .. } = self;
        held.clear();
        consumer.poll(held.most(), |frame| {
            held.copy(&frame);
        });
    }

    /// The id of the messages at hand, and their bodies, side by side.
    pub(super) fn messages(&self) -> (u16, &[u8]) {
        let (id, bodies, _) = self.held.at_hand();
        (id, bodies)
    }

    /// Who waits for the reply to the message at hand, if it is a request.
    pub(super) fn asker(&self) -> Option<oneshot::Sender<Reply>> {
        self.place.inbox.asker(self.before)
    }

    /// The messages at hand have been handled, or are lost in a panic. Returns how many they were.
    pub(super) fn settle(&mut self) -> usize {
        let settled = std::mem::take(&mut self.at_hand);
        self.before += settled as u64;
        self.place.inbox.done(settled);
        settled
    }

    /// Whether the service is about to end, or cut off.
    #[inline(always)]
    pub(super) fn is_ending(&self) -> bool {
        self.place.is_ending()
    }

    /// From now on, nothing more comes in. What is there can still be taken.
    pub(super) fn leave(&self) {
        self.place.leave();
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.leave();
        self.place.inbox.dismiss_askers();
        let mut left = self.settle() + self.held.left();
        self.place.inbox.done(self.held.left());
        while self.consumer.poll(1, |_| ()) > 0 {
            left += 1;
            self.place.inbox.done(1);
        }
        self.tally.left.add(left as u64);
    }
}
