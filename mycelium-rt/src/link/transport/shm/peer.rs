//! A peer of an input: a ring that messages are taken from.

use std::borrow::Cow;
use std::time::Instant;

use super::channel::Channel;
use super::spares::LentHalf;
use crate::link::Counters;
use crate::link::delivery::Deliver;
use crate::link::plausible::Plausible;
use crate::link::taken::{Admitted, Taken};
use crate::link::transport::receive::{End, Peer};
use crate::link::unknown::Welcome;
use crate::ring::parts::{Copied, PollError, Reader};

/// One link after its handshake.
pub struct ShmPeer {
    channel: Channel,
    reader: Reader<Copied>,
    admitted: Admitted,
    /// Messages that slots said were lost.
    lost: u64,
    plausible: Plausible,
    /// Once the peer is gone: how many messages its ring can still hold.
    left: Option<usize>,
    /// Goes back when the peer is gone.
    _half: LentHalf,
}

impl ShmPeer {
    pub(super) fn new(channel: Channel, welcome: Welcome, reader: Reader<Copied>, half: LentHalf) -> Self {
        let plausible = Plausible::new(0, Instant::now());
        Self { channel, reader, admitted: Admitted::new(welcome), lost: 0, plausible, left: None, _half: half }
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Whether a peer that is gone has nothing left. It cannot go on for longer than its ring was long, whatever it writes.
    #[inline]
    fn is_drained(&mut self, delivered: usize) -> bool {
        match &mut self.left {
            None => false,
            Some(left) => {
                *left = left.saturating_sub(delivered);
                delivered == 0 || *left == 0
            }
        }
    }
}

impl Peer for ShmPeer {
    /// A sender that makes another ring counts what it leaves in the one before as lost, and tells so by the new one.
    const LAST_TURNS: usize = 0;

    #[inline]
    fn receive(&mut self, budget: usize, counters: &Counters, delivery: &mut impl Deliver) -> (usize, Option<End>) {
        if !delivery.goes_on() {
            return (0, None);
        }
        let max = self.left.map_or(budget, |left| left.min(budget));
        let Self { reader, admitted, lost, .. } = self;
        let mut taken = Taken::new(counters).with_lost(lost);
        // Beside the result: one that is as large as an end would be moved about with each message.
        let mut end = None;
        let result = reader.poll(max, |frame| {
            let gap = u64::from(frame.lost);
            let goes_on = admitted.take(frame.type_id, frame.body, gap, &mut taken, delivery, &mut end);
            if goes_on { Ok(()) } else { Err(()) }
        });
        let delivered = taken.all();
        drop(taken);
        if self.reader.take_wake_due() {
            self.channel.ring();
        }
        match result {
            Ok(_) => (delivered, self.is_drained(delivered).then(gone)),
            Err(PollError::Corrupt(corrupt)) => {
                (delivered, Some(End::Corrupt(format!("the ring is corrupt: {corrupt}"))))
            }
            Err(PollError::Refused(())) => (delivered, end),
        }
    }

    /// Takes in doorbells, and learns of the peer's end.
    fn listen(&mut self) -> Result<(), End> {
        match self.channel.answer_bells() {
            Ok(true) => {}
            Ok(false) if self.left.is_none() => self.left = Some(self.reader.slots()),
            Ok(false) => {}
            Err(error) => return Err(End::Corrupt(error.to_string())),
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        self.left.is_some() || !matches!(self.reader.has_message(), Ok(false))
    }

    fn park(&mut self) {
        let _ = self.reader.begin_park();
        if self.reader.take_wake_due() {
            self.channel.ring();
        }
    }

    fn unpark(&mut self) {
        self.reader.end_park();
    }

    fn delivered(&self) -> u64 {
        self.reader.taken()
    }

    /// Those that were dropped after the last message.
    fn untold_lost(&self) -> Option<u64> {
        let total = self.reader.lost_total();
        (total < self.plausible.limit(Instant::now())).then(|| total.saturating_sub(self.lost))
    }
}

#[cold]
fn gone() -> End {
    End::Left(Cow::Borrowed("the peer is gone"))
}
