//! The sending end of a link: what it takes goes to a peer, which it finds, loses and finds again.

use std::time::Instant;

use super::connection::Connection;
use super::outgoing::Outgoing;
use super::report::Absence;
use super::send_end::{Flushed, NotPushed, SendEnd, Unflushed};
use super::transport::transmit::{Broken, Transmit};
use super::wait::nap;
use super::{Counters, Interest, SendError, Status};
use crate::wire::Announced;

/// A connection, and which messages may go over it.
pub(crate) struct PeerEnd<X: Transmit> {
    pub(super) connection: Connection<X>,
    outgoing: Outgoing,
    counters: Counters,
}

impl<X: Transmit> PeerEnd<X> {
    pub(super) fn new(connection: Connection<X>, outgoing: Outgoing, counters: Counters) -> Self {
        Self { connection, outgoing, counters }
    }

    /// What to wait for, if there is a descriptor.
    pub(super) fn interest(&self) -> Option<Interest<'_>> {
        match self.connection.established() {
            Some(up) => self.connection.dial.interest(up),
            None => self.connection.dialing().and_then(X::awaits),
        }
    }

    /// The version of the message, if it may be sent in this size.
    #[inline(always)]
    fn version(&mut self, id: u16, len: usize) -> Result<u16, NotPushed> {
        match self.outgoing.find(id) {
            Some(it) if it.size as usize == len => Ok(it.version),
            found => Err(unfit(id, len, found)),
        }
    }

    #[cold]
    fn without_peer(&self) -> NotPushed {
        match self.connection.status() {
            Status::Closed => NotPushed::Never(SendError::Closed),
            _ => NotPushed::Full,
        }
    }

    #[cold]
    fn not_accepted(&mut self, id: u16) -> NotPushed {
        self.outgoing.count_not_accepted(id);
        NotPushed::NotAccepted
    }

    /// There is a peer.
    #[cold]
    fn greeted(&mut self, answer: X::Answer) {
        let Some((end, up)) = self.connection.pair() else { return };
        let acceptance = end.greeted(up, answer, &self.counters);
        self.outgoing.adopt(&acceptance);
        let Self { connection, outgoing, .. } = self;
        connection.dial.retain(|id| {
            let accepts = outgoing.accepts(id);
            if !accepts {
                outgoing.count_not_accepted(id);
            }
            accepts
        });
    }

    /// The connection broke: what the peer had not taken has not arrived.
    #[cold]
    fn broke(&mut self, broken: &Broken) {
        if broken.is_corrupt {
            self.counters.corrupt.add(1);
        }
        if let Some(up) = self.connection.lost(&broken.reason) {
            self.counters.lost_in_flight.add(X::unread(&up));
            self.connection.dial.lost(up);
        }
    }
}

impl<X: Transmit> SendEnd for PeerEnd<X> {
    const HOLDS: bool = X::HOLDS;

    #[inline(always)]
    fn size(len: usize) -> usize {
        X::size(len)
    }

    #[inline(always)]
    fn push(&mut self, id: u16, body: &[u8]) -> Result<(), NotPushed> {
        let version = self.version(id, body.len())?;
        let Some((end, up)) = self.connection.pair() else { return Err(self.without_peer()) };
        if !self.outgoing.accepts(id) {
            return Err(self.not_accepted(id));
        }
        if end.push(up, id, version, body) { Ok(()) } else { Err(NotPushed::Full) }
    }

    fn push_over(&mut self, id: u16, body: &[u8]) -> (u64, Result<(), NotPushed>) {
        let version = match self.version(id, body.len()) {
            Ok(version) => version,
            Err(reason) => return (0, Err(reason)),
        };
        let (end, up) = self.connection.parts();
        match end.push_over(up, id, version, body) {
            (dropped, true) => (dropped, Ok(())),
            (dropped, false) => (dropped, Err(NotPushed::Full)),
        }
    }

    #[inline(always)]
    fn flush(&mut self, held: Unflushed) -> Flushed {
        let (end, up) = self.connection.parts();
        match end.flush(up, held) {
            Ok(flushed) => flushed,
            Err(broken) => {
                self.broke(&broken);
                Flushed::default()
            }
        }
    }

    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.connection.dial.is_empty()
    }

    fn drive(&mut self) -> bool {
        if let Some((end, up)) = self.connection.pair() {
            if let Err(broken) = end.check(up) {
                self.broke(&broken);
            }
            return false;
        }
        match self.connection.drive() {
            Some(answer) => {
                self.greeted(answer);
                true
            }
            None => false,
        }
    }

    fn absence(&self) -> Option<Absence<'_>> {
        self.connection.absence()
    }

    /// A peer that refused the handshake for good: the link goes on trying, but nobody should wait for that.
    fn hopeless(&self) -> Option<SendError> {
        self.connection.final_refusal().map(|_| SendError::Refused)
    }

    fn timer(&self) -> Option<Instant> {
        self.connection.timer()
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        let timeout = nap([deadline, self.timer()].into_iter().flatten().min());
        match self.connection.pair() {
            Some((end, up)) => end.wait_for_room(up, timeout),
            None => {
                let (end, dialing) = self.connection.attempt();
                end.wait_for_peer(dialing, timeout);
            }
        }
    }

    fn note_lost(&mut self, messages: u64) {
        let (end, up) = self.connection.parts();
        end.note_lost(up, messages);
    }

    fn abandon(&mut self) -> u64 {
        // A peer that has gone meanwhile takes nothing more of what was passed on.
        if self.connection.established().is_some_and(|up| X::unread(up) > 0) {
            self.drive();
        }
        self.connection.dial.abandon()
    }

    fn close(&mut self) {
        self.connection.close();
    }
}

/// Why a message can't be sent by this link at all.
#[cold]
fn unfit(id: u16, len: usize, found: Option<Announced>) -> NotPushed {
    NotPushed::Never(match found {
        Some(it) => SendError::Length { len, expected: it.size as usize },
        None => SendError::Unlisted { id },
    })
}
