//! A peer of an input: a connection that messages arrive on.

use std::net::SocketAddr;
use std::time::Instant;

use super::patience::Seen;
use super::sessions::Known;
use super::socket::{Read, Socket, SocketError};
use crate::link::Counters;
use crate::link::delivery::Deliver;
use crate::link::plausible::Plausible;
use crate::link::taken::Taken;
use crate::link::unknown::{Strangers, Welcome};
use crate::wire::{Decoder, FrameError};

/// One connection after its handshake.
#[derive(Debug)]
pub(super) struct Peer {
    /// What logs call it.
    pub(super) number: u64,
    pub(super) from: Option<SocketAddr>,
    /// The sender behind it, see [`Hello::session`].
    pub(super) session: u64,
    /// The input's turn in which it was served last.
    pub(super) last_turn: u32,
    socket: Socket,
    decoder: Decoder,
    plausible: Plausible,
    /// Messages that it delivered, also on earlier connections.
    pub(super) delivered: u64,
    /// Messages that it may send and this side does not know.
    strangers: Option<Strangers>,
    /// Whether frames may be left that its last turn had no time for.
    backlog: bool,
    seen: Seen,
}

/// Why a peer is no longer there.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    #[error("the peer closed the connection")]
    Closed,
    #[error("the peer closed the connection within a frame")]
    ClosedWithinFrame,
    #[error("a frame was not complete in time")]
    Stalled,
    #[error("the sender has come back on another connection")]
    Superseded,
    #[error(transparent)]
    Socket(SocketError),
    #[error(transparent)]
    Frame(FrameError),
    #[error("a body that its contract does not allow: {0}")]
    Body(String),
}

impl Peer {
    pub(super) fn new(
        number: u64,
        from: Option<SocketAddr>,
        mut socket: Socket,
        session: u64,
        welcome: Welcome,
        known: Known,
        capacity: usize,
    ) -> Self {
        // Only TCP acknowledges; peers at Unix sockets have no address.
        if from.is_some() {
            socket.acknowledge_late();
        }
        let Welcome { announced, strangers, .. } = welcome;
        let Known { next, delivered } = known;
        let now = Instant::now();
        let plausible = Plausible::new(next, now);
        let mut decoder = Decoder::new(announced, next, capacity);
        decoder.limit(plausible.limit(now));
        let (backlog, seen) = (socket.has_bytes(), Seen::default());
        Self { number, from, session, last_turn: 0, socket, decoder, plausible, delivered, strangers, backlog, seen }
    }

    /// Reads once at most, and takes at most `budget` messages. Returns how many it took: delivered, or given to the hook of strangers.
    pub(super) fn turn(
        &mut self,
        budget: usize,
        counters: &Counters,
        delivery: &mut impl Deliver,
    ) -> Result<usize, (usize, End)> {
        let (mut taken, mut may_read) = (Taken::new(counters), true);
        // As long as nothing else is known: a panic of `deliver` ends the turn in the midst of what was read.
        self.backlog = true;
        let end = loop {
            if taken.all() == budget || !delivery.goes_on() {
                self.backlog = self.decoder.has_bytes();
                break None;
            }
            match self.decoder.next() {
                Ok(Some(frame)) => {
                    taken.gaps = taken.gaps.saturating_add(frame.gap);
                    if let Some(strangers) = &self.strangers {
                        taken.unknown += 1;
                        if strangers.take(frame.type_id, frame.version, frame.body) {
                            continue;
                        }
                        taken.unknown -= 1;
                    }
                    taken.messages += 1;
                    if let Err(error) = delivery.take(frame.type_id, frame.version, frame.body) {
                        taken.messages -= 1;
                        break Some(End::Body(error.to_string()));
                    }
                }
                Err(FrameError::Jump { seq, .. }) if self.plausible.limit(Instant::now()) > seq => {
                    self.decoder.limit(self.plausible.limit(Instant::now()));
                }
                Err(error) => break Some(End::Frame(error)),
                Ok(None) => {
                    self.backlog = false;
                    if !std::mem::take(&mut may_read) {
                        break None;
                    }
                    match self.socket.read(self.decoder.space()) {
                        Ok(Read::Bytes(count)) => {
                            self.decoder.filled(count);
                            counters.bytes_received.add(count as u64);
                        }
                        Ok(Read::Nothing) => break None,
                        Ok(Read::End) if self.decoder.has_bytes() => break Some(End::ClosedWithinFrame),
                        Ok(Read::End) => break Some(End::Closed),
                        Err(error) => break Some(End::Socket(error)),
                    }
                }
            }
        };
        self.backlog |= self.socket.has_bytes();
        self.delivered = self.delivered.saturating_add(taken.all() as u64);
        match end {
            None => Ok(taken.all()),
            Some(end) => Err((taken.all(), end)),
        }
    }

    /// Whether it has more to deliver without a read.
    pub(super) fn has_backlog(&self) -> bool {
        self.backlog
    }

    /// To be called before the input sleeps.
    #[inline]
    pub(super) fn settle(&mut self) {
        self.socket.settle();
    }

    /// Whether it has a frame that is not complete.
    pub(super) fn is_within_frame(&self) -> bool {
        self.decoder.has_bytes() && !self.backlog
    }

    /// Whether it has been within one frame for too long. To be asked once in each round.
    pub(super) fn is_stalled(&mut self) -> bool {
        let frame = self.is_within_frame().then(|| self.expected());
        self.seen.note(frame)
    }

    /// The smallest sequence number that it may send next.
    pub(super) fn expected(&self) -> u64 {
        self.decoder.expected()
    }
}
