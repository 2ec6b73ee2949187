//! The handshake of a link over shared memory, at both ends.
//!
//! Each packet is a [`Head`] and what follows it. Only `Half` carries a descriptor. Each head says whether its sender ever
//! sleeps: if not, the other side needs no fence before it checks whether to wake it ([`Barrier`]).
//!
//! ```text
//! link: Dialing                             input: Newcomer
//!   Hello: messages, the ring it needs    ──▶
//!                                         ◀── Accept: messages, link number; or Reject
//!   Half: its memory, with the ring       ──▶ maps it
//!                                         ◀── Half: its memory, control words only
//!   maps it                               ◀── Ready
//!   Ready                                 ──▶ messages may arrive
//! ```
//!
//! The input answers `Half` with `Half` and `Ready` at once, since it has mapped the link's half by then. The link sends `Ready`
//! when it has mapped the input's half, so each side uses memory only once both halves are mapped. The ring is sized for the
//! messages that the input accepts: both sides compute the same [`Geometry`] from `Hello` and `Accept`, and the input checks the
//! link's half against it. A packet out of turn ends the handshake. Every number in a packet is checked before it is used.

use std::mem;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::SocketType;

use super::channel::{Channel, Received};
use super::half_pool::{HalfPool, PooledHalf};
use super::packet::{Head, Kind, MAX_PACKET};
use super::rx::ShmPeer;
use super::tx::ShmTx;
use crate::link::Interest;
use crate::link::transport::receive::{Heard, Remote};
use crate::link::transport::transmit::{Dial, Failure, Progress};
use crate::link::transport::unix;
use crate::link::unknown::Welcome;
use crate::ring::parts::{Barrier, Copied, Reader, Writer};
use crate::ring::{Corrupt, Geometry};
use crate::shared_memory::half::{PeerHalf, incoming, outgoing};
use crate::sys::user_of;
use crate::wire::{Acceptance, Handshake, Refusal, compatible};

/// A handshake in progress.
#[derive(Debug)]
pub struct Dialing {
    channel: Channel,
    /// The user that the peer runs as.
    user: u32,
    link: u64,
    peer_sleeps: bool,
    stage: DialStage,
}

#[derive(Debug)]
enum DialStage {
    /// The hello is sent.
    Accept,
    /// This side's half is sent.
    Half(OwnPart),
    /// The peer's half is mapped, and the peer was told so.
    Ready(OwnPart, PeerHalf),
}

/// What this side has made for a peer that accepts these messages.
#[derive(Debug)]
struct OwnPart {
    acceptance: Acceptance,
    ring: Geometry,
    half: PooledHalf,
}

/// A link on which messages may flow.
pub struct Established {
    pub(super) channel: Channel,
    pub(super) writer: Writer,
    /// The error of the ring that shows that it can no longer be used.
    pub(super) corrupt: Option<Corrupt>,
    /// Returned when the connection ends.
    _half: PooledHalf,
}

impl Dial for ShmTx {
    type Dialing = Dialing;
    type Up = Established;
    type Answer = Acceptance;

    /// Connects and says hello.
    fn begin(&mut self) -> Result<Dialing, Failure> {
        let socket = unix::dial(&self.path, SocketType::SEQPACKET).map_err(Failure::attempt)?;
        let user = user_of(&socket).map_err(Failure::attempt)?;
        if !Remote::User(user).is_allowed(&self.users) {
            return Err(Failure::Refused(Refusal::User));
        }
        let hello = Handshake::Hello(self.hello.clone()).encode().map_err(Failure::attempt)?;
        let channel = Channel::new(socket);
        let packet = Head::new(Kind::Hello, Some(self.ring), self.sleeps, 0).with(&hello);
        channel.send(&packet, None).map_err(Failure::attempt)?;
        Ok(Dialing { channel, user, link: 0, peer_sleeps: true, stage: DialStage::Accept })
    }

    fn step(&mut self, mut dialing: Dialing) -> Result<Progress<Self>, Failure> {
        let mut buffer = vec![0; MAX_PACKET];
        loop {
            let (len, descriptor) = match dialing.channel.receive(&mut buffer).map_err(Failure::attempt)? {
                Received::Nothing => return Ok(Progress::Waiting(dialing)),
                Received::End => return Err(Failure::attempt("the peer closed the connection")),
                Received::Malformed => return Err(Failure::corrupt("a truncated packet")),
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
            (DialStage::Accept, Some(Kind::Accept), None) => {
                self.link = head.link();
                self.peer_sleeps = head.sleeps();
                let acceptance = accepted(&head, rest, end)?;
                let ring = end.ring_for(&acceptance);
                let half =
                    end.half_pool.take(Some(ring), self.user, self.link, &self.channel).map_err(Failure::attempt)?;
                let packet = Head::new(Kind::Half, Some(ring), end.sleeps, self.link).with(&[]);
                self.channel.send(&packet, Some(half.descriptor())).map_err(Failure::attempt)?;
                DialStage::Half(OwnPart { acceptance, ring, half })
            }
            (DialStage::Half(own), Some(Kind::Half), Some(file)) => {
                let peer = PeerHalf::open(&file, None, self.link).map_err(Failure::corrupt)?;
                let packet = Head::new(Kind::Ready, None, end.sleeps, self.link).with(&[]);
                self.channel.send(&packet, None).map_err(Failure::attempt)?;
                DialStage::Ready(own, peer)
            }
            (DialStage::Ready(own, peer), Some(Kind::Ready), None) => {
                let barrier = if self.peer_sleeps { Barrier::Fence } else { Barrier::PeerSpins };
                let OwnPart { acceptance, ring, half } = own;
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
    /// The ring for the messages that are sent, which may not include the largest of all.
    fn ring_for(&self, acceptance: &Acceptance) -> Geometry {
        let sent = self.hello.messages.iter().filter(|entry| acceptance.accepts(entry.id));
        let largest = sent.map(|entry| entry.current().size as usize).max().unwrap_or(0);
        self.ring.narrowed(largest)
    }
}

fn accepted(head: &Head, rest: &[u8], end: &ShmTx) -> Result<Acceptance, Failure> {
    if head.ring() != Some(None) {
        return Err(Failure::corrupt("the receiver offered a ring of its own"));
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

/// The handshake that follows the head.
fn read(rest: &[u8]) -> Result<Handshake, Failure> {
    Ok(Handshake::decode(rest)?)
}

/// What an input offers and accepts, besides messages.
#[derive(Debug)]
pub(super) struct Offer {
    /// Whether this side ever sleeps.
    pub(super) sleeps: bool,
    pub(super) max_ring_bytes: usize,
    /// The source of the halves of its connections.
    pub(super) half_pool: HalfPool,
}

/// A connection that has not shaken hands yet.
pub struct Newcomer {
    channel: Channel,
    link: u64,
    stage: AcceptStage,
}

enum AcceptStage {
    Hello,
    /// It has said what it sends, and through which ring.
    Heard(Requested),
    /// It was told what it may send.
    Half(Requested, Geometry),
    /// Both halves are mapped.
    Ready(Requested, Geometry, PooledHalf, PeerHalf),
    Done(Reader<Copied>, PooledHalf),
    /// It has broken the rules, or the next packet is being handled.
    Broken,
}

/// What a peer requests, besides its messages.
#[derive(Clone, Copy)]
struct Requested {
    /// The ring that it needs for all of its messages.
    ring: Option<Geometry>,
    /// Whether it ever sleeps.
    sleeps: bool,
}

impl Newcomer {
    pub(super) fn new(socket: OwnedFd, link: u64) -> Self {
        Self { channel: Channel::new(socket), link, stage: AcceptStage::Hello }
    }

    /// Takes the next packet, if there is one.
    pub(super) fn hear(&mut self, offer: &Offer, buffer: &mut [u8]) -> Heard {
        match self.channel.receive(buffer) {
            Ok(Received::Packet(len, descriptor)) => {
                self.take(buffer.get(..len).unwrap_or_default(), descriptor, offer)
            }
            Ok(Received::Nothing) => Heard::Nothing,
            Ok(Received::End) => Heard::Gone("closed by the peer".to_owned()),
            Ok(Received::Malformed) => Heard::Refused(Refusal::Malformed),
            Err(error) => Heard::Gone(error.to_string()),
        }
    }

    /// Tells the peer that it may send what is in `answer`, through a ring for these messages.
    pub(super) fn welcome(&mut self, welcome: &Welcome, answer: &[u8], offer: &Offer) -> Heard {
        let AcceptStage::Heard(requested) = self.stage else { return out_of_turn() };
        let ring = match ring_for(requested, welcome, offer) {
            Ok(ring) => ring,
            Err(refusal) => return Heard::Refused(refusal),
        };
        let accept = Head::new(Kind::Accept, None, offer.sleeps, self.link);
        if let Err(error) = self.channel.send(&accept.with(answer), None) {
            return Heard::Gone(error.to_string());
        }
        self.stage = AcceptStage::Half(requested, ring);
        Heard::Nothing
    }

    /// Tells the peer why it cannot stay. If it does not listen, it is not told.
    pub(super) fn reject(&self, rejection: &[u8]) {
        let _ = self.channel.send(&Head::new(Kind::Reject, None, false, 0).with(rejection), None);
    }

    /// The peer that it has become, if its handshake is complete.
    pub(super) fn into_peer(self, welcome: Welcome) -> Option<ShmPeer> {
        match self.stage {
            AcceptStage::Done(reader, half) => Some(ShmPeer::new(self.channel, welcome, reader, half)),
            _ => None,
        }
    }

    /// The process at the other end, if the kernel reports it.
    pub(super) fn process(&self) -> Option<BorrowedFd<'_>> {
        self.channel.process()
    }

    fn take(&mut self, packet: &[u8], descriptor: Option<OwnedFd>, offer: &Offer) -> Heard {
        let Ok((head, rest)) = Head::parse(packet) else { return Heard::Refused(Refusal::Malformed) };
        match (mem::replace(&mut self.stage, AcceptStage::Broken), head.kind(), descriptor) {
            (AcceptStage::Hello, Some(Kind::Hello), None) => self.hello(&head, rest),
            (AcceptStage::Half(requested, ring), Some(Kind::Half), Some(file)) => {
                match self.exchange(&file, ring, offer) {
                    Ok((own, peer)) => {
                        self.stage = AcceptStage::Ready(requested, ring, own, peer);
                        Heard::Nothing
                    }
                    Err(reason) => Heard::Corrupt(reason),
                }
            }
            (AcceptStage::Ready(requested, ring, own, peer), Some(Kind::Ready), None) => {
                self.map(requested, ring, own, peer)
            }
            _ => out_of_turn(),
        }
    }

    /// Handles the peer's hello.
    fn hello(&mut self, head: &Head, rest: &[u8]) -> Heard {
        self.stage = AcceptStage::Heard(Requested { ring: head.ring().flatten(), sleeps: head.sleeps() });
        match Handshake::decode(rest) {
            Ok(Handshake::Hello(theirs)) => Heard::Hello(theirs),
            Ok(_) => Heard::Refused(Refusal::Malformed),
            Err(error) => Heard::Refused(error.refusal()),
        }
    }

    /// Maps the peer's half and sends this side's half.
    fn exchange(&self, file: &OwnedFd, ring: Geometry, offer: &Offer) -> Result<(PooledHalf, PeerHalf), String> {
        let peer = PeerHalf::open(file, Some(ring), self.link).map_err(|e| e.to_string())?;
        // A half without a ring can be used for any user.
        let own = offer.half_pool.take(None, 0, self.link, &self.channel).map_err(|e| e.to_string())?;
        let half = Head::new(Kind::Half, None, offer.sleeps, self.link).with(&[]);
        self.channel.send(&half, Some(own.descriptor())).map_err(|e| e.to_string())?;
        let ready = Head::new(Kind::Ready, None, offer.sleeps, self.link).with(&[]);
        self.channel.send(&ready, None).map_err(|e| e.to_string())?;
        Ok((own, peer))
    }

    /// The peer has mapped this side's half.
    fn map(&mut self, requested: Requested, ring: Geometry, own: PooledHalf, peer: PeerHalf) -> Heard {
        let barrier = if requested.sleeps { Barrier::Fence } else { Barrier::PeerSpins };
        let Some(memory) = incoming(&own, peer, ring) else {
            return Heard::Corrupt("memory of the wrong size".to_owned());
        };
        self.stage = AcceptStage::Done(Reader::copying(memory, ring, barrier), own);
        Heard::Done
    }
}

impl AsFd for Newcomer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.channel.as_fd()
    }
}

fn out_of_turn() -> Heard {
    Heard::Corrupt("a packet out of turn".to_owned())
}

/// The ring that the sender will make: it has said what it needs for all of its messages, but may send only some of them.
fn ring_for(requested: Requested, welcome: &Welcome, offer: &Offer) -> Result<Geometry, Refusal> {
    let no_ring = || Refusal::Transport("the sender offered no ring".to_owned());
    let largest = welcome.announced.iter().map(|it| it.size as usize).max().unwrap_or(0);
    let ring = requested.ring.ok_or_else(no_ring)?.narrowed(largest);
    let (bytes, most) = (ring.bytes(), offer.max_ring_bytes);
    if bytes > most {
        return Err(Refusal::Transport(format!(
            "a ring of {bytes} bytes, and the input allows {most}: use fewer `slots` at the link, or raise `Limits::ring_bytes` at the \
             input"
        )));
    }
    Ok(ring)
}
