//! How a link over shared memory finds its peer: the connecting side's handshake.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::net::SocketType;

use super::channel::{Channel, Received};
use super::packet::{Head, Kind, MAX_PACKET};
use super::spares::{LentHalf, Spares};
use crate::link::connection::{Connection, Dial, Failure, Progress};
use crate::link::transport::unix;
use crate::link::{Counters, Users};
use crate::ring::Geometry;
use crate::ring::parts::{Barrier, Writer};
use crate::shm::credentials::user_of;
use crate::shm::half::{PeerHalf, outgoing};
use crate::wire::{Acceptance, Handshake, Hello, Refusal, compatible};

/// Whom a link dials, and what it offers.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) path: PathBuf,
    pub(super) users: Users,
    pub(super) hello: Hello,
    /// For all messages of the link; a peer that accepts less gets a ring for those.
    pub(super) ring: Geometry,
    /// Where halves with such a ring come from.
    pub(super) spares: Spares,
    /// Whether the sender sleeps while the ring is full.
    pub(super) sleeps: bool,
    /// Messages dropped while there was no ring, or left in one that broke: the next ring tells of them.
    pub(super) lost: u64,
}

/// A handshake under way.
#[derive(Debug)]
pub(super) struct Dialing {
    channel: Channel,
    /// Whom the peer runs as.
    user: u32,
    link: u64,
    peer_sleeps: bool,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The hello is sent.
    Accept,
    /// The own half is sent.
    Half(Own),
    /// The peer's half is mapped, and it was told so.
    Ready(Own, PeerHalf),
}

/// What this side has made for a peer that accepts these messages.
#[derive(Debug)]
struct Own {
    acceptance: Acceptance,
    ring: Geometry,
    half: LentHalf,
}

/// A link on which messages may flow.
pub(super) struct Established {
    pub(super) channel: Channel,
    pub(super) writer: Writer,
    /// Goes back when the connection ends.
    _half: LentHalf,
}

impl Dial for Offer {
    type Dialing = Dialing;
    type Up = Established;
    type Answer = Acceptance;

    /// Connects and says hello.
    fn begin(&mut self) -> Result<Dialing, Failure> {
        let socket = unix::dial(&self.path, SocketType::SEQPACKET).map_err(Failure::attempt)?;
        let user = user_of(&socket).map_err(Failure::attempt)?;
        if !unix::admits(&self.users, user) {
            return Err(Failure::Refused(Refusal::User));
        }
        let hello = Handshake::Hello(self.hello.clone()).encode().map_err(Failure::attempt)?;
        let channel = Channel::new(socket);
        let packet = Head::new(Kind::Hello, Some(self.ring), self.sleeps, 0).with(&hello);
        channel.send(&packet, None).map_err(Failure::attempt)?;
        Ok(Dialing { channel, user, link: 0, peer_sleeps: true, stage: Stage::Accept })
    }

    fn step(&mut self, mut dialing: Dialing) -> Result<Progress<Self>, Failure> {
        let mut buffer = vec![0; MAX_PACKET];
        loop {
            let (len, descriptor) = match dialing.channel.receive(&mut buffer).map_err(Failure::attempt)? {
                Received::Nothing => return Ok(Progress::Waiting(dialing)),
                Received::End => return Err(Failure::attempt("the peer closed the connection")),
                Received::Malformed => return Err(Failure::corrupt("a packet that was cut off")),
                Received::Packet(len, descriptor) => (len, descriptor),
            };
            let bytes = buffer.get(..len).unwrap_or_default();
            match dialing.take(bytes, descriptor, self)? {
                Progress::Waiting(next) => dialing = next,
                done => return Ok(done),
            }
        }
    }
}

/// What the state of a connection means for the messages of a ring.
impl Connection<Offer> {
    /// Counts messages that were dropped: the next one says so.
    pub(super) fn note_lost(&mut self, messages: u64) {
        match self.up() {
            Some(up) => up.writer.note_lost(messages),
            None => self.dial.lost = self.dial.lost.saturating_add(messages),
        }
    }

    /// Takes the next steps: towards a peer, or finding out that it has gone. Returns what the peer accepts, at the moment the connection
    /// is up.
    pub(super) fn look(&mut self, counters: &Counters) -> Option<Acceptance> {
        match self.established().map(|up| up.channel.answer_bells()) {
            Some(Ok(true)) => {}
            Some(Ok(false)) => self.broke("the peer is gone", counters),
            Some(Err(error)) => {
                counters.corrupt.add(1);
                self.broke(&error.to_string(), counters);
            }
            None => {
                let acceptance = self.drive()?;
                let lost = std::mem::take(&mut self.dial.lost);
                self.note_lost(lost);
                return Some(acceptance);
            }
        }
        None
    }

    /// The connection broke: what its ring still held when the consumer ended has not arrived.
    #[cold]
    pub(super) fn broke(&mut self, reason: &str, counters: &Counters) {
        let Some(up) = self.lost(reason) else { return };
        let unread = up.writer.unread();
        counters.lost_in_flight.add(unread);
        self.dial.lost = self.dial.lost.saturating_add(unread).saturating_add(up.writer.unreported_lost());
    }
}

impl Dialing {
    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    fn take(mut self, packet: &[u8], descriptor: Option<OwnedFd>, offer: &Offer) -> Result<Progress<Offer>, Failure> {
        let (head, rest) = Head::parse(packet).map_err(Failure::corrupt)?;
        self.stage = match (self.stage, head.kind(), descriptor) {
            (Stage::Accept, Some(Kind::Accept), None) => {
                self.link = head.link();
                self.peer_sleeps = head.sleeps();
                let acceptance = accepted(&head, rest, offer)?;
                let ring = offer.ring_for(&acceptance);
                let half =
                    offer.spares.take(Some(ring), self.user, self.link, &self.channel).map_err(Failure::attempt)?;
                let packet = Head::new(Kind::Half, Some(ring), offer.sleeps, self.link).with(&[]);
                self.channel.send(&packet, Some(half.descriptor())).map_err(Failure::attempt)?;
                Stage::Half(Own { acceptance, ring, half })
            }
            (Stage::Half(own), Some(Kind::Half), Some(file)) => {
                let peer = PeerHalf::open(&file, None, self.link).map_err(Failure::corrupt)?;
                let packet = Head::new(Kind::Ready, None, offer.sleeps, self.link).with(&[]);
                self.channel.send(&packet, None).map_err(Failure::attempt)?;
                Stage::Ready(own, peer)
            }
            (Stage::Ready(own, peer), Some(Kind::Ready), None) => {
                let barrier = if self.peer_sleeps { Barrier::Fence } else { Barrier::PeerSpins };
                let Own { acceptance, ring, half } = own;
                let memory = outgoing(&half, peer, ring).ok_or_else(|| Failure::corrupt("memory of the wrong size"))?;
                let writer = Writer::new(memory, ring, barrier);
                return Ok(Progress::Done(Established { channel: self.channel, writer, _half: half }, acceptance));
            }
            (_, Some(Kind::Reject), None) => return Err(rejected(rest)),
            _ => return Err(Failure::corrupt("a packet out of turn")),
        };
        Ok(Progress::Waiting(self))
    }
}

impl Offer {
    /// The ring for the messages that are sent: the largest of all may not be among them.
    fn ring_for(&self, acceptance: &Acceptance) -> Geometry {
        let sent = self.hello.messages.iter().filter(|entry| acceptance.accepts(entry.id));
        let largest = sent.map(|entry| entry.current().size as usize).max().unwrap_or(0);
        self.ring.narrowed(largest)
    }
}

fn accepted(head: &Head, rest: &[u8], offer: &Offer) -> Result<Acceptance, Failure> {
    if head.ring() != Some(None) {
        return Err(Failure::corrupt("a receiver with a ring of its own"));
    }
    match read(rest)? {
        Handshake::Accept(theirs) => compatible(&offer.hello, &theirs).map_err(Failure::Refused),
        _ => Err(Failure::corrupt("an acceptance without messages")),
    }
}

fn rejected(rest: &[u8]) -> Failure {
    match read(rest) {
        Ok(Handshake::Reject(refusal)) => Failure::Refused(refusal),
        Ok(_) => Failure::corrupt("a refusal without a reason"),
        Err(failure) => failure,
    }
}

/// What stands behind the head.
fn read(rest: &[u8]) -> Result<Handshake, Failure> {
    Ok(Handshake::decode(rest)?)
}
