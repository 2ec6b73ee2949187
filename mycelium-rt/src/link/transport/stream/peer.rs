//! A peer of an input: a connection that messages arrive on.

use std::borrow::Cow;
use std::time::Instant;

use super::socket::{Read, Socket, SocketError};
use crate::link::Counters;
use crate::link::delivery::Deliver;
use crate::link::plausible::Plausible;
use crate::link::taken::Taken;
use crate::link::transport::receive::{End, Peer};
use crate::link::unknown::{Strangers, Welcome};
use crate::wire::{Decoder, FrameError};

/// One connection after its handshake.
#[derive(Debug)]
pub struct StreamPeer {
    socket: Socket,
    decoder: Decoder,
    plausible: Plausible,
    delivered: u64,
    /// Messages that it may send and this side does not know.
    strangers: Option<Strangers>,
    /// Whether frames may be left that its last turn had no time for.
    backlog: bool,
}

impl StreamPeer {
    pub(super) fn new(socket: Socket, welcome: Welcome, next: u64, capacity: usize) -> Self {
        let Welcome { announced, strangers, .. } = welcome;
        let now = Instant::now();
        let plausible = Plausible::new(next, now);
        let mut decoder = Decoder::new(announced, next, capacity);
        decoder.limit(plausible.limit(now));
        let backlog = socket.has_bytes();
        Self { socket, decoder, plausible, delivered: 0, strangers, backlog }
    }
}

impl Peer for StreamPeer {
    const LAST_TURNS: usize = 64;

    /// Reads once at most.
    #[inline]
    fn receive(&mut self, budget: usize, counters: &Counters, delivery: &mut impl Deliver) -> (usize, Option<End>) {
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
                    let (id, version) = (frame.type_id, frame.version);
                    if let Err(error) = taken.hand_over(&self.strangers, id, version, frame.body, delivery) {
                        break Some(End::Body(error.to_string()));
                    }
                }
                Err(FrameError::Jump { seq, .. }) if self.plausible.limit(Instant::now()) > seq => {
                    self.decoder.limit(self.plausible.limit(Instant::now()));
                }
                Err(error) => break Some(error.into()),
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
                        Ok(Read::End) => break Some(closed(self.decoder.has_bytes())),
                        Err(error) => break Some(error.into()),
                    }
                }
            }
        };
        self.backlog |= self.socket.has_bytes();
        self.delivered = self.delivered.saturating_add(taken.all() as u64);
        (taken.all(), end)
    }

    fn is_ready(&self) -> bool {
        self.backlog
    }

    /// Takes from the kernel what was delivered without: it would end every sleep at once.
    #[inline]
    fn park(&mut self) {
        self.socket.settle();
    }

    fn partial(&self) -> Option<u64> {
        (self.decoder.has_bytes() && !self.backlog).then(|| self.decoder.expected())
    }

    fn next(&self) -> u64 {
        self.decoder.expected()
    }

    fn delivered(&self) -> u64 {
        self.delivered
    }
}

#[cold]
fn closed(within_frame: bool) -> End {
    End::Left(Cow::Borrowed(match within_frame {
        true => "the peer closed the connection within a frame",
        false => "the peer closed the connection",
    }))
}

impl From<SocketError> for End {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Io(error) => Self::Left(Cow::Owned(error.to_string())),
            SocketError::Refused(refusal) => Self::Corrupt(refusal.to_string()),
            SocketError::Corrupt(reason) => Self::Corrupt(reason),
        }
    }
}
