//! A peer of an input: a ring that messages are taken from.

use std::time::Instant;

use super::channel::Channel;
use super::greeting::Arrival;
use super::spares::LentHalf;
use crate::link::Counters;
use crate::link::delivery::Deliver;
use crate::link::plausible::Plausible;
use crate::link::taken::Taken;
use crate::link::unknown::{Strangers, Welcome};
use crate::ring::Corrupt;
use crate::ring::parts::{Copied, PollError, Reader};
use crate::wire::Contents;

/// One link after its handshake.
pub(super) struct Peer {
    /// What logs and the kernel's events call it.
    pub(super) number: u64,
    pub(super) uid: u32,
    /// The sender behind it.
    pub(super) session: u64,
    channel: Channel,
    reader: Reader<Copied>,
    announced: Contents,
    /// Messages that it may send and this side does not know.
    strangers: Option<Strangers>,
    /// Messages that slots said were lost.
    lost: u64,
    plausible: Plausible,
    /// Once the peer is gone: how many messages its ring can still hold.
    left: Option<usize>,
    /// Goes back when the peer is gone.
    _half: LentHalf,
}

/// Why a peer is no longer there.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    #[error("the peer is gone")]
    Gone,
    #[error("the sender has come back on another link")]
    Superseded,
    #[error("{0}")]
    Channel(String),
    #[error("the ring is corrupt: {0}")]
    Ring(Corrupt),
    #[error("a message with id {0}, which the handshake did not announce")]
    Unlisted(u16),
    #[error("a body of {len} bytes where the handshake announced {announced}")]
    Length { len: usize, announced: u32 },
    #[error("a body that its contract does not allow: {0}")]
    Body(String),
}

impl Peer {
    pub(super) fn new(number: u64, arrival: Arrival) -> Self {
        let Arrival { channel, uid, session, welcome, reader, half } = arrival;
        let Welcome { announced, strangers, .. } = welcome;
        let plausible = Plausible::new(0, Instant::now());
        Self {
            number,
            uid,
            session,
            channel,
            reader,
            announced: Contents::new(announced),
            strangers,
            lost: 0,
            plausible,
            left: None,
            _half: half,
        }
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Takes what is there, `max` messages at most: delivers them, or gives them to the hook of strangers. Says how many, and why the
    /// peer must go if it must.
    #[inline]
    pub(super) fn turn(
        &mut self,
        max: usize,
        counters: &Counters,
        delivery: &mut impl Deliver,
    ) -> (usize, Option<End>) {
        if !delivery.goes_on() {
            return (0, None);
        }
        let max = self.left.map_or(max, |left| left.min(max));
        let mut taken = Taken::new(counters);
        let Self { reader, announced, strangers, lost, .. } = self;
        let result = reader.poll(max, |frame| {
            let it = announced.find(frame.type_id).ok_or(Some(End::Unlisted(frame.type_id)))?;
            if it.size as usize != frame.body.len() {
                return Err(Some(End::Length { len: frame.body.len(), announced: it.size }));
            }
            let (gap, len) = (u64::from(frame.lost), frame.body.len() as u64);
            *lost = lost.saturating_add(gap);
            (taken.bytes, taken.gaps) = (taken.bytes + len, taken.gaps + gap);
            if let Some(strangers) = strangers {
                taken.unknown += 1;
                if strangers.take(frame.type_id, it.version, frame.body) {
                    return if delivery.goes_on() { Ok(()) } else { Err(None) };
                }
                taken.unknown -= 1;
            }
            taken.messages += 1;
            delivery.take(frame.type_id, it.version, frame.body).map_err(|error| {
                (taken.messages, taken.bytes) = (taken.messages - 1, taken.bytes - len);
                Some(End::Body(error.to_string()))
            })?;
            // The message is taken; the peer stays.
            if delivery.goes_on() { Ok(()) } else { Err(None) }
        });
        let delivered = taken.all();
        if self.reader.take_wake_due() {
            self.channel.ring();
        }
        match result {
            Ok(_) => (delivered, self.is_drained(delivered).then_some(End::Gone)),
            Err(PollError::Corrupt(corrupt)) => (delivered, Some(End::Ring(corrupt))),
            Err(PollError::Refused(end)) => (delivered, end),
        }
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

    /// Hears what the control socket has to say.
    pub(super) fn listen(&mut self) -> Result<(), End> {
        match self.channel.answer_bells() {
            Ok(true) => {}
            Ok(false) if self.left.is_none() => self.left = Some(self.reader.slots()),
            Ok(false) => {}
            Err(error) => return Err(End::Channel(error.to_string())),
        }
        Ok(())
    }

    /// Whether there is something to do: a message, an end, or a lie.
    pub(super) fn is_ready(&self) -> bool {
        self.left.is_some() || !matches!(self.reader.has_message(), Ok(false))
    }

    /// Says that this end is about to sleep.
    pub(super) fn park(&mut self) {
        let _ = self.reader.begin_park();
        if self.reader.take_wake_due() {
            self.channel.ring();
        }
    }

    /// Says that this end is awake.
    pub(super) fn unpark(&mut self) {
        self.reader.end_park();
    }

    /// Messages that no slot told of: dropped after the last message. `None` if it says a number that can't be.
    pub(super) fn untold_lost(&self) -> Option<u64> {
        let total = self.reader.lost_total();
        (total < self.plausible.limit(Instant::now())).then(|| total.saturating_sub(self.lost))
    }
}
