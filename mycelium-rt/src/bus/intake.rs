//! The receiving end of a service: its place on the bus, and the message at hand.

use std::sync::Arc;

use tokio::sync::oneshot;
use zerocopy::IntoBytes;

use super::Bus;
use super::inbox::{Inbox, Reply};
use super::service::Tally;
use super::topic::Topic;
use crate::ring::{Consumer, Ready};

/// Takes a service's messages out of its inbox one by one. However the service ends, dropping this leaves its place on the bus,
/// and counts what was not handled.
pub(super) struct Intake {
    bus: Bus,
    inbox: Arc<Inbox>,
    topics: Vec<Arc<Topic>>,
    consumer: Consumer,
    tally: Arc<Tally>,
    /// Messages taken so far.
    taken: u64,
    at_hand: bool,
    id: u16,
    len: usize,
    /// Words, so that a body lies where it can be read in place.
    body: Vec<u64>,
}

impl Intake {
    pub(super) fn new(
        bus: Bus,
        inbox: Arc<Inbox>,
        topics: Vec<Arc<Topic>>,
        consumer: Consumer,
        tally: Arc<Tally>,
        size: usize,
    ) -> Self {
        let body = vec![0; size.div_ceil(size_of::<u64>())];
        Self { bus, inbox, topics, consumer, tally, taken: 0, at_hand: false, id: 0, len: 0, body }
    }

    pub(super) fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Ready> {
        self.consumer.poll_ready(cx)
    }

    /// Takes one message in hand, if there is one.
    pub(super) fn take(&mut self) -> bool {
        let Self { consumer, tally, id, len, body, .. } = self;
        let count = consumer.poll(1, |frame| {
            (*id, *len) = (frame.type_id, frame.body.len());
            if let Some(room) = body.as_mut_bytes().get_mut(..frame.body.len()) {
                room.copy_from_slice(frame.body);
            }
            tally.received.add(1);
            tally.lagged.add(u64::from(frame.lost));
        });
        self.taken += count as u64;
        self.at_hand = count > 0;
        self.at_hand
    }

    /// The id and the body of the message at hand.
    pub(super) fn message(&self) -> (u16, &[u8]) {
        (self.id, self.body.as_bytes().get(..self.len).unwrap_or_default())
    }

    /// Who waits for the reply to the message at hand, if it is a request.
    pub(super) fn asker(&self) -> Option<oneshot::Sender<Reply>> {
        self.inbox.asker(self.taken.wrapping_sub(1))
    }

    /// The message at hand has been handled, or is lost in a panic.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.at_hand) {
            self.inbox.done(1);
        }
    }

    /// From now on, nothing more comes in. What is there can still be taken.
    pub(super) fn leave(&self) {
        self.topics.iter().for_each(|topic| topic.remove(&self.inbox));
        self.bus.respond_no_more(&self.inbox);
        self.inbox.close();
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.leave();
        self.inbox.dismiss_askers();
        let mut left = u64::from(self.at_hand);
        self.settle();
        while self.consumer.poll(1, |_| ()) > 0 {
            left += 1;
            self.inbox.done(1);
        }
        self.tally.left.add(left);
    }
}
