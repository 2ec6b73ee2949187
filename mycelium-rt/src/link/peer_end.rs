//! The sending end of a link to another process: a connection, and the messages that its peer accepts.

use std::time::Instant;

use super::connection::Connection;
use super::report::Absence;
use super::sender::{Flushed, NotPushed, SendEnd, Unflushed};
use super::transport::transmit::{Broken, Transmit};
use super::wait::nap;
use super::{Counters, Interest, SendError, Status};
use crate::notice::{self, Notices};
use crate::wire::{Acceptance, Announced, Hello, MessageTable};
use crate::{Message, MessageInfo};

/// A connection, and which messages may be sent on it.
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

    /// The version of the message, if the link has it with this size.
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

    /// A peer was found.
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

    #[inline(always)]
    fn push_all<M: Message>(&mut self, messages: &[M]) -> Result<usize, NotPushed> {
        let Some(first) = messages.first() else { return Ok(0) };
        let version = self.version(M::ID, first.as_bytes().len())?;
        let Some((end, up)) = self.connection.pair() else { return Err(self.without_peer()) };
        if !self.outgoing.accepts(M::ID) {
            return Err(self.not_accepted(M::ID));
        }
        match end.push_all(up, version, messages) {
            0 => Err(NotPushed::Full),
            taken => Ok(taken),
        }
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

    /// The peer refused the handshake for good. The link keeps trying, but no sender should wait for that.
    fn cannot_wait(&self) -> Option<SendError> {
        self.connection.final_refusal().map(|_| SendError::Refused)
    }

    fn timer(&self) -> Option<Instant> {
        self.connection.timer()
    }

    fn park(&mut self) -> bool {
        self.connection.pair().is_none_or(|(end, up)| end.park(up))
    }

    fn unpark(&mut self) {
        if let Some((end, up)) = self.connection.pair() {
            end.unpark(up);
        }
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

/// Why the link can never send this message.
#[cold]
fn unfit(id: u16, len: usize, found: Option<Announced>) -> NotPushed {
    NotPushed::Never(match found {
        Some(it) => SendError::Length { len, expected: it.size as usize },
        None => SendError::Unlisted { id },
    })
}

/// The messages of a link. All of them count as accepted until a peer says which ones it accepts; that holds until the next
/// peer.
#[derive(Debug)]
pub(crate) struct Outgoing {
    link: &'static str,
    messages: MessageTable,
    /// Whether the peer accepts all of them, as nearly every peer does.
    all: bool,
    /// Whether the peer accepts each message, by its index.
    accepted: Box<[bool]>,
    /// For each message, whether a warning was already given that it is not accepted.
    warned: Box<[bool]>,
    /// Whether a warning was already given that the peer accepts none.
    warned_none: bool,
    notices: Notices,
    counters: Counters,
}

impl Outgoing {
    pub(crate) fn new(
        link: &'static str,
        hello: &Hello,
        messages: &[MessageInfo],
        notices: Notices,
        counters: Counters,
    ) -> Self {
        let name = |id: u16| messages.iter().find(|message| message.id == id).map_or("", |message| message.name);
        counters.per_message().begin(hello.messages.iter().map(|entry| (entry.id, name(entry.id))));
        let accepted = vec![true; hello.messages.len()].into();
        let warned = vec![false; hello.messages.len()].into();
        Self {
            link,
            messages: MessageTable::new(Announced::of(hello)),
            all: true,
            accepted,
            warned,
            warned_none: false,
            notices,
            counters,
        }
    }

    /// What the handshake says about the message.
    #[inline(always)]
    pub(crate) fn find(&mut self, id: u16) -> Option<Announced> {
        self.messages.find(id)
    }

    /// Whether the peer accepts this message of the link.
    #[inline(always)]
    pub(crate) fn accepts(&mut self, id: u16) -> bool {
        self.all || self.place(id).is_none_or(|at| self.accepted.get(at) == Some(&true))
    }

    /// Counts a message that was not sent since the peer does not accept it. Warns once for each kind of message.
    #[cold]
    pub(crate) fn count_not_accepted(&mut self, id: u16) {
        self.counters.not_accepted.add(1);
        let Some(at) = self.place(id) else { return };
        let message = self.counters.per_message().count(at);
        let Some(warned) = self.warned.get_mut(at) else { return };
        // No warning while too many lines are written: a later message brings it.
        if !*warned && self.notices.has_line() {
            *warned = true;
            notice::warning!(
                self.notices,
                link = self.link,
                message,
                id,
                "the peer does not know this message: it is not sent, and counted as `not_accepted`"
            );
        }
    }

    /// Adopts what a new peer accepts.
    pub(crate) fn adopt(&mut self, acceptance: &Acceptance) {
        let mut any = false;
        self.all = true;
        for (at, id) in self.messages.ids().enumerate() {
            let accepted = acceptance.accepts(id);
            (any, self.all) = (any | accepted, self.all & accepted);
            self.counters.per_message().note(at, !accepted);
            if let Some(place) = self.accepted.get_mut(at) {
                *place = accepted;
            }
        }
        if !any && !self.all && !std::mem::replace(&mut self.warned_none, true) {
            notice::warning!(self.notices, link = self.link, "the peer knows none of the messages of this link");
        }
    }

    fn place(&mut self, id: u16) -> Option<usize> {
        self.messages.place(id)
    }
}
