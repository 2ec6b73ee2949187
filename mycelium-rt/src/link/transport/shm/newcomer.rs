//! The listening side's handshake.

use std::mem;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::channel::{Channel, Received};
use super::packet::{Head, Kind};
use super::peer::ShmPeer;
use super::spares::{LentHalf, Spares};
use crate::link::transport::receive::Heard;
use crate::link::unknown::Welcome;
use crate::ring::Geometry;
use crate::ring::parts::{Barrier, Copied, Reader};
use crate::shared_memory::half::{PeerHalf, incoming};
use crate::wire::{Handshake, Refusal};

/// What an input offers, and what it accepts, besides messages.
#[derive(Debug)]
pub(super) struct Offer {
    /// Whether this side ever sleeps.
    pub(super) sleeps: bool,
    pub(super) max_ring_bytes: usize,
    /// Where the halves of its connections come from.
    pub(super) spares: Spares,
}

/// A connection that has not shaken hands yet.
pub struct Newcomer {
    channel: Channel,
    link: u64,
    stage: Stage,
}

enum Stage {
    Hello,
    /// It has said what it sends, and by which ring.
    Heard(Ask),
    /// It was told what it may send.
    Half(Ask, Geometry),
    /// Both halves are mapped.
    Ready(Ask, Geometry, LentHalf, PeerHalf),
    Done(Reader<Copied>, LentHalf),
    /// It has broken the rules, or is being looked at.
    Broken,
}

/// What a peer says of itself besides its messages.
#[derive(Clone, Copy)]
struct Ask {
    /// The ring that it needs for all of its messages.
    ring: Option<Geometry>,
    /// Whether it ever sleeps.
    sleeps: bool,
}

impl Newcomer {
    pub(super) fn new(socket: OwnedFd, link: u64) -> Self {
        Self { channel: Channel::new(socket), link, stage: Stage::Hello }
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

    /// Says that the peer may send what is in `answer`, by a ring for these messages.
    pub(super) fn welcome(&mut self, welcome: &Welcome, answer: &[u8], offer: &Offer) -> Heard {
        let Stage::Heard(ask) = self.stage else { return out_of_turn() };
        let ring = match ring_for(ask, welcome, offer) {
            Ok(ring) => ring,
            Err(refusal) => return Heard::Refused(refusal),
        };
        let accept = Head::new(Kind::Accept, None, offer.sleeps, self.link);
        if let Err(error) = self.channel.send(&accept.with(answer), None) {
            return Heard::Gone(error.to_string());
        }
        self.stage = Stage::Half(ask, ring);
        Heard::Nothing
    }

    /// Tells the peer why it cannot stay. One that does not listen is left without.
    pub(super) fn reject(&self, rejection: &[u8]) {
        let _ = self.channel.send(&Head::new(Kind::Reject, None, false, 0).with(rejection), None);
    }

    /// The peer that it has become, if its handshake is done.
    pub(super) fn into_peer(self, welcome: Welcome) -> Option<ShmPeer> {
        match self.stage {
            Stage::Done(reader, half) => Some(ShmPeer::new(self.channel, welcome, reader, half)),
            _ => None,
        }
    }

    /// The process at the other end, where the kernel tells.
    pub(super) fn process(&self) -> Option<BorrowedFd<'_>> {
        self.channel.process()
    }

    fn take(&mut self, packet: &[u8], descriptor: Option<OwnedFd>, offer: &Offer) -> Heard {
        let Ok((head, rest)) = Head::parse(packet) else { return Heard::Refused(Refusal::Malformed) };
        match (mem::replace(&mut self.stage, Stage::Broken), head.kind(), descriptor) {
            (Stage::Hello, Some(Kind::Hello), None) => self.hello(&head, rest),
            (Stage::Half(ask, ring), Some(Kind::Half), Some(file)) => match self.exchange(&file, ring, offer) {
                Ok((own, peer)) => {
                    self.stage = Stage::Ready(ask, ring, own, peer);
                    Heard::Nothing
                }
                Err(reason) => Heard::Corrupt(reason),
            },
            (Stage::Ready(ask, ring, own, peer), Some(Kind::Ready), None) => self.map(ask, ring, own, peer),
            _ => out_of_turn(),
        }
    }

    /// The peer has said who it is.
    fn hello(&mut self, head: &Head, rest: &[u8]) -> Heard {
        self.stage = Stage::Heard(Ask { ring: head.ring().flatten(), sleeps: head.sleeps() });
        match Handshake::decode(rest) {
            Ok(Handshake::Hello(theirs)) => Heard::Hello(theirs),
            Ok(_) => Heard::Refused(Refusal::Malformed),
            Err(error) => Heard::Refused(error.refusal()),
        }
    }

    /// Maps the peer's half and gives it this side's.
    fn exchange(&self, file: &OwnedFd, ring: Geometry, offer: &Offer) -> Result<(LentHalf, PeerHalf), String> {
        let peer = PeerHalf::open(file, Some(ring), self.link).map_err(|e| e.to_string())?;
        // Without a ring of its own it is for any user.
        let own = offer.spares.take(None, 0, self.link, &self.channel).map_err(|e| e.to_string())?;
        let half = Head::new(Kind::Half, None, offer.sleeps, self.link).with(&[]);
        self.channel.send(&half, Some(own.descriptor())).map_err(|e| e.to_string())?;
        let ready = Head::new(Kind::Ready, None, offer.sleeps, self.link).with(&[]);
        self.channel.send(&ready, None).map_err(|e| e.to_string())?;
        Ok((own, peer))
    }

    /// The peer has mapped this side's half.
    fn map(&mut self, ask: Ask, ring: Geometry, own: LentHalf, peer: PeerHalf) -> Heard {
        let barrier = if ask.sleeps { Barrier::Fence } else { Barrier::PeerSpins };
        let Some(memory) = incoming(&own, peer, ring) else {
            return Heard::Corrupt("memory of the wrong size".to_owned());
        };
        self.stage = Stage::Done(Reader::copying(memory, ring, barrier), own);
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

/// The ring that the sender will make: it has said what it needs for all of its messages, and only some of them may be sent.
fn ring_for(ask: Ask, welcome: &Welcome, offer: &Offer) -> Result<Geometry, Refusal> {
    let no_ring = || Refusal::Transport("a sender without a ring".to_owned());
    let largest = welcome.announced.iter().map(|it| it.size as usize).max().unwrap_or(0);
    let ring = ask.ring.ok_or_else(no_ring)?.narrowed(largest);
    let (bytes, most) = (ring.bytes(), offer.max_ring_bytes);
    if bytes > most {
        return Err(Refusal::Transport(format!(
            "a ring of {bytes} bytes, and the input allows {most}: use fewer `slots` at the link, or raise `Limits::ring_bytes` at the \
             input"
        )));
    }
    Ok(ring)
}
