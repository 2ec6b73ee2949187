//! The connecting side's handshake.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Instant;

use rustix::net::SocketType;

use super::channel::{Channel, Received};
use super::credentials::user_of;
use super::half::{PeerHalf, outgoing};
use super::packet::{Head, Kind, MAX_PACKET};
use super::spares::{LentHalf, Spares};
use crate::link::{Users, unix};
use crate::ring::Geometry;
use crate::ring::parts::{Barrier, Writer};
use crate::wire::{Acceptance, Handshake, HandshakeError, Hello, Refusal, compatible};

/// What this side offers.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) hello: Hello,
    /// For all messages of the link; a peer that accepts less gets a ring for those.
    pub(super) ring: Geometry,
    /// Where halves with such a ring come from.
    pub(super) spares: Spares,
    /// Whether the sender sleeps while the ring is full.
    pub(super) sleeps: bool,
}

/// A handshake under way.
#[derive(Debug)]
pub(super) struct Dialing {
    channel: Channel,
    /// Whom the peer runs as.
    user: u32,
    deadline: Instant,
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
    /// Which messages the peer accepts.
    pub(super) acceptance: Acceptance,
    /// Goes back when the connection ends.
    _half: LentHalf,
}

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Nobody there, or not in time.
    #[error("{0}")]
    Attempt(String),
    /// Somebody who cannot be talked to.
    #[error("{0}")]
    Refused(Refusal),
    /// Somebody who speaks something else.
    #[error("broken handshake: {0}")]
    Corrupt(String),
}

impl Dialing {
    /// Connects and says hello.
    pub(super) fn begin(path: &Path, users: &Users, offer: &Offer, deadline: Instant) -> Result<Self, Failure> {
        let socket = unix::dial(path, SocketType::SEQPACKET).map_err(attempt)?;
        let user = user_of(&socket).map_err(attempt)?;
        if !unix::admits(users, user) {
            return Err(Failure::Refused(Refusal::User));
        }
        let hello = Handshake::Hello(offer.hello.clone()).encode().map_err(|e| Failure::Attempt(e.to_string()))?;
        let channel = Channel::new(socket);
        let packet = Head::new(Kind::Hello, Some(offer.ring), offer.sleeps, 0).with(&hello);
        channel.send(&packet, None).map_err(attempt)?;
        Ok(Self { channel, user, deadline, link: 0, peer_sleeps: true, stage: Stage::Accept })
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes the next steps as far as they can be taken now.
    pub(super) fn step(mut self, offer: &Offer, now: Instant) -> Result<Progress, Failure> {
        let mut buffer = vec![0; MAX_PACKET];
        loop {
            let (len, descriptor) = match self.channel.receive(&mut buffer).map_err(attempt)? {
                Received::Nothing if now >= self.deadline => {
                    return Err(Failure::Attempt("no answer in time".to_owned()));
                }
                Received::Nothing => return Ok(Progress::Waiting(self)),
                Received::End => return Err(Failure::Attempt("the peer closed the connection".to_owned())),
                Received::Malformed => return Err(corrupt("a packet that was cut off")),
                Received::Packet(len, descriptor) => (len, descriptor),
            };
            let bytes = buffer.get(..len).unwrap_or_default();
            match self.take(bytes, descriptor, offer)? {
                Progress::Waiting(next) => self = next,
                done => return Ok(done),
            }
        }
    }

    fn take(mut self, packet: &[u8], descriptor: Option<OwnedFd>, offer: &Offer) -> Result<Progress, Failure> {
        let (head, rest) = Head::parse(packet).map_err(corrupt)?;
        self.stage = match (self.stage, head.kind(), descriptor) {
            (Stage::Accept, Some(Kind::Accept), None) => {
                self.link = head.link();
                self.peer_sleeps = head.sleeps();
                let acceptance = accepted(&head, rest, offer)?;
                let ring = offer.ring_for(&acceptance);
                let half = offer.spares.take(Some(ring), self.user, self.link).map_err(attempt)?;
                let packet = Head::new(Kind::Half, Some(ring), offer.sleeps, self.link).with(&[]);
                self.channel.send(&packet, Some(half.descriptor())).map_err(attempt)?;
                Stage::Half(Own { acceptance, ring, half })
            }
            (Stage::Half(own), Some(Kind::Half), Some(file)) => {
                let peer = PeerHalf::open(&file, None, self.link).map_err(corrupt)?;
                let packet = Head::new(Kind::Ready, None, offer.sleeps, self.link).with(&[]);
                self.channel.send(&packet, None).map_err(attempt)?;
                Stage::Ready(own, peer)
            }
            (Stage::Ready(own, peer), Some(Kind::Ready), None) => {
                let barrier = if self.peer_sleeps { Barrier::Fence } else { Barrier::PeerSpins };
                let Own { acceptance, ring, half } = own;
                let memory = outgoing(&half, peer, ring).ok_or_else(|| corrupt("memory of the wrong size"))?;
                let writer = Writer::new(memory, ring, barrier);
                return Ok(Progress::Done(Established { channel: self.channel, writer, acceptance, _half: half }));
            }
            (_, Some(Kind::Reject), None) => return Err(rejected(rest)),
            _ => return Err(corrupt("a packet out of turn")),
        };
        Ok(Progress::Waiting(self))
    }
}

/// How far a handshake has come.
pub(super) enum Progress {
    Waiting(Dialing),
    Done(Established),
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
        return Err(corrupt("a receiver with a ring of its own"));
    }
    match read(rest)? {
        Handshake::Accept(theirs) => compatible(&offer.hello, &theirs).map_err(Failure::Refused),
        _ => Err(corrupt("an acceptance without messages")),
    }
}

fn rejected(rest: &[u8]) -> Failure {
    match read(rest) {
        Ok(Handshake::Reject(refusal)) => Failure::Refused(refusal),
        Ok(_) => corrupt("a refusal without a reason"),
        Err(failure) => failure,
    }
}

/// What stands behind the head. A peer of another version answers in its own.
fn read(rest: &[u8]) -> Result<Handshake, Failure> {
    Handshake::decode(rest).map_err(|error| match error {
        HandshakeError::Protocol { .. } => Failure::Refused(error.refusal()),
        _ => corrupt(error),
    })
}

fn attempt(error: io::Error) -> Failure {
    Failure::Attempt(error.to_string())
}

fn corrupt(reason: impl ToString) -> Failure {
    Failure::Corrupt(reason.to_string())
}
