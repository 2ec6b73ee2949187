//! How a link over shared memory finds its peer: the connecting side's handshake.

use std::os::fd::OwnedFd;

use rustix::net::SocketType;

use super::channel::{Channel, Received};
use super::packet::{Head, Kind, MAX_PACKET};
use super::spares::LentHalf;
use super::tx::ShmTx;
use crate::link::Interest;
use crate::link::connection::{Dial, Failure, Progress};
use crate::link::transport::unix;
use crate::ring::parts::{Barrier, Writer};
use crate::ring::{Corrupt, Geometry};
use crate::shared_memory::credentials::user_of;
use crate::shared_memory::half::{PeerHalf, outgoing};
use crate::wire::{Acceptance, Handshake, Refusal, compatible};

/// A handshake under way.
#[derive(Debug)]
pub struct Dialing {
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
pub struct Established {
    pub(super) channel: Channel,
    pub(super) writer: Writer,
    /// What of the ring showed that it is of no more use.
    pub(super) corrupt: Option<Corrupt>,
    /// Goes back when the connection ends.
    _half: LentHalf,
}

impl Dial for ShmTx {
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

    fn awaits(dialing: &Dialing) -> Option<Interest<'_>> {
        Some(dialing.channel.interest())
    }
}

impl Dialing {
    fn take(mut self, packet: &[u8], descriptor: Option<OwnedFd>, end: &ShmTx) -> Result<Progress<ShmTx>, Failure> {
        let (head, rest) = Head::parse(packet).map_err(Failure::corrupt)?;
        self.stage = match (self.stage, head.kind(), descriptor) {
            (Stage::Accept, Some(Kind::Accept), None) => {
                self.link = head.link();
                self.peer_sleeps = head.sleeps();
                let acceptance = accepted(&head, rest, end)?;
                let ring = end.ring_for(&acceptance);
                let half =
                    end.spares.take(Some(ring), self.user, self.link, &self.channel).map_err(Failure::attempt)?;
                let packet = Head::new(Kind::Half, Some(ring), end.sleeps, self.link).with(&[]);
                self.channel.send(&packet, Some(half.descriptor())).map_err(Failure::attempt)?;
                Stage::Half(Own { acceptance, ring, half })
            }
            (Stage::Half(own), Some(Kind::Half), Some(file)) => {
                let peer = PeerHalf::open(&file, None, self.link).map_err(Failure::corrupt)?;
                let packet = Head::new(Kind::Ready, None, end.sleeps, self.link).with(&[]);
                self.channel.send(&packet, None).map_err(Failure::attempt)?;
                Stage::Ready(own, peer)
            }
            (Stage::Ready(own, peer), Some(Kind::Ready), None) => {
                let barrier = if self.peer_sleeps { Barrier::Fence } else { Barrier::PeerSpins };
                let Own { acceptance, ring, half } = own;
                let memory = outgoing(&half, peer, ring).ok_or_else(|| Failure::corrupt("memory of the wrong size"))?;
                let writer = Writer::new(memory, ring, barrier);
                return Ok(Progress::Done(
                    Established { channel: self.channel, writer, corrupt: None, _half: half },
                    acceptance,
                ));
            }
            (_, Some(Kind::Reject), None) => return Err(rejected(rest)),
            _ => return Err(Failure::corrupt("a packet out of turn")),
        };
        Ok(Progress::Waiting(self))
    }
}

impl ShmTx {
    /// The ring for the messages that are sent: the largest of all may not be among them.
    fn ring_for(&self, acceptance: &Acceptance) -> Geometry {
        let sent = self.hello.messages.iter().filter(|entry| acceptance.accepts(entry.id));
        let largest = sent.map(|entry| entry.current().size as usize).max().unwrap_or(0);
        self.ring.narrowed(largest)
    }
}

fn accepted(head: &Head, rest: &[u8], end: &ShmTx) -> Result<Acceptance, Failure> {
    if head.ring() != Some(None) {
        return Err(Failure::corrupt("a receiver with a ring of its own"));
    }
    match read(rest)? {
        Handshake::Accept(theirs) => compatible(&end.hello, &theirs).map_err(Failure::Refused),
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
