//! The listening side's handshake.

use std::os::fd::OwnedFd;
use std::time::Instant;

use super::channel::{Channel, Received};
use super::packet::{Head, Kind};
use super::spares::{LentHalf, Spares};
use crate::link::Unknown;
use crate::link::unknown::Welcome;
use crate::ring::Geometry;
use crate::ring::parts::{Barrier, Copied, Reader};
use crate::shm::half::{PeerHalf, incoming};
use crate::wire::{Handshake, Hello, Refusal};

/// What this side has, and what it accepts.
#[derive(Debug)]
pub(super) struct House {
    pub(super) hello: Hello,
    /// What it does about messages that it does not have.
    pub(super) unknown: Unknown,
    /// Whether this side ever sleeps.
    pub(super) sleeps: bool,
    pub(super) max_ring_bytes: usize,
    /// Where the halves of its connections come from.
    pub(super) spares: Spares,
}

/// A connection that has not shaken hands yet.
#[derive(Debug)]
pub(super) struct Greeting {
    channel: Channel,
    pub(super) uid: u32,
    deadline: Instant,
    link: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Hello,
    Half(Guest),
    Ready(Guest, LentHalf, PeerHalf),
}

/// What the peer has said of itself.
#[derive(Debug)]
struct Guest {
    session: u64,
    welcome: Welcome,
    ring: Geometry,
    sleeps: bool,
}

/// A peer that messages can be taken from.
pub(super) struct Arrival {
    pub(super) channel: Channel,
    pub(super) uid: u32,
    pub(super) session: u64,
    pub(super) welcome: Welcome,
    pub(super) reader: Reader<Copied>,
    /// Goes back when the connection ends.
    pub(super) half: LentHalf,
}

/// What became of a greeting.
pub(super) enum Outcome {
    Waiting(Greeting),
    Arrived(Arrival),
    Refused(Refusal),
    TimedOut,
    Gone(String),
    Corrupt(String),
}

impl Greeting {
    pub(super) fn new(socket: OwnedFd, uid: u32, link: u64, deadline: Instant) -> Self {
        Self { channel: Channel::new(socket), uid, deadline, link, stage: Stage::Hello }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whose link it is to be, once it has said so.
    pub(super) fn session(&self) -> Option<u64> {
        match &self.stage {
            Stage::Hello => None,
            Stage::Half(guest) | Stage::Ready(guest, ..) => Some(guest.session),
        }
    }

    /// Takes the next steps as far as they can be taken now.
    pub(super) fn step(
        mut self,
        house: &House,
        is_full: impl Fn(u64) -> bool,
        buffer: &mut [u8],
        now: Instant,
    ) -> Outcome {
        // No handshake has more packets than these.
        for _ in 0..3 {
            let (len, descriptor) = match self.channel.receive(buffer) {
                Ok(Received::Packet(len, descriptor)) => (len, descriptor),
                Ok(Received::Nothing) if now >= self.deadline => return Outcome::TimedOut,
                Ok(Received::Nothing) => return Outcome::Waiting(self),
                Ok(Received::End) => return Outcome::Gone("closed by the peer".to_owned()),
                Ok(Received::Malformed) => return self.refuse(Refusal::Malformed),
                Err(error) => return Outcome::Gone(error.to_string()),
            };
            match self.take(buffer.get(..len).unwrap_or_default(), descriptor, house, &is_full) {
                Outcome::Waiting(next) => self = next,
                done => return done,
            }
        }
        Outcome::Waiting(self)
    }

    /// Tells the peer why it cannot stay.
    pub(super) fn refuse(self, refusal: Refusal) -> Outcome {
        let reject = Handshake::rejection(&refusal);
        // One that does not listen is left without an answer.
        let _ = self.channel.send(&Head::new(Kind::Reject, None, false, 0).with(&reject), None);
        Outcome::Refused(refusal)
    }

    fn take(
        mut self,
        packet: &[u8],
        descriptor: Option<OwnedFd>,
        house: &House,
        is_full: impl Fn(u64) -> bool,
    ) -> Outcome {
        let Ok((head, rest)) = Head::parse(packet) else { return self.refuse(Refusal::Malformed) };
        let link = self.link;
        let step = match (self.stage, head.kind(), descriptor) {
            (Stage::Hello, Some(Kind::Hello), None) => {
                self.stage = Stage::Hello;
                return self.hear(&head, rest, house, is_full);
            }
            (Stage::Half(guest), Some(Kind::Half), Some(file)) => {
                open(guest, &file, (link, self.uid), house, &self.channel)
            }
            (Stage::Ready(guest, own, peer), Some(Kind::Ready), None) => {
                let barrier = if guest.sleeps { Barrier::Fence } else { Barrier::PeerSpins };
                return match incoming(&own, peer, guest.ring) {
                    None => Outcome::Corrupt("memory of the wrong size".to_owned()),
                    Some(memory) => Outcome::Arrived(Arrival {
                        channel: self.channel,
                        uid: self.uid,
                        session: guest.session,
                        welcome: guest.welcome,
                        reader: Reader::copying(memory, guest.ring, barrier),
                        half: own,
                    }),
                };
            }
            _ => return Outcome::Corrupt("a packet out of turn".to_owned()),
        };
        match step {
            Ok(stage) => Outcome::Waiting(Self { stage, ..self }),
            Err(reason) => Outcome::Corrupt(reason),
        }
    }

    /// The peer has said who it is.
    fn hear(mut self, head: &Head, rest: &[u8], house: &House, is_full: impl Fn(u64) -> bool) -> Outcome {
        let theirs = match Handshake::decode(rest) {
            Ok(Handshake::Hello(theirs)) => theirs,
            Err(error) => return self.refuse(error.refusal()),
            Ok(_) => return self.refuse(Refusal::Malformed),
        };
        if is_full(theirs.session) {
            return self.refuse(Refusal::Busy);
        }
        let mut welcome = match house.unknown.judge(&house.hello, &theirs) {
            Ok(welcome) => welcome,
            Err(refusal) => return self.refuse(refusal),
        };
        let ring = match ring_for(head, &welcome, house) {
            Ok(ring) => ring,
            Err(refusal) => return self.refuse(refusal),
        };
        welcome.answer.session = theirs.session;
        let answer = match welcome.accept() {
            Ok(answer) => answer,
            Err(refusal) => return self.refuse(refusal),
        };
        let packet = Head::new(Kind::Accept, None, house.sleeps, self.link);
        if let Err(error) = self.channel.send(&packet.with(&answer), None) {
            return Outcome::Gone(error.to_string());
        }
        self.stage = Stage::Half(Guest { session: theirs.session, welcome, ring, sleeps: head.sleeps() });
        Outcome::Waiting(self)
    }
}

/// The ring that the sender will make: it has said what it needs for all of its messages, and only some of them may be sent.
fn ring_for(head: &Head, welcome: &Welcome, house: &House) -> Result<Geometry, Refusal> {
    let no_ring = || Refusal::Transport("a sender without a ring".to_owned());
    let largest = welcome.announced.iter().map(|it| it.size as usize).max().unwrap_or(0);
    let ring = head.ring().flatten().ok_or_else(no_ring)?.narrowed(largest);
    let (bytes, most) = (ring.bytes(), house.max_ring_bytes);
    if bytes > most {
        return Err(Refusal::Transport(format!(
            "a ring of {bytes} bytes, and the input allows {most}: use fewer `slots` at the link, or raise `Limits::ring_bytes` at the \
             input"
        )));
    }
    Ok(ring)
}

/// Maps the peer's half and gives it this side's.
fn open(
    guest: Guest,
    file: &OwnedFd,
    (link, user): (u64, u32),
    house: &House,
    channel: &Channel,
) -> Result<Stage, String> {
    let peer = PeerHalf::open(file, Some(guest.ring), link).map_err(|e| e.to_string())?;
    let own = house.spares.take(None, user, link, channel).map_err(|e| e.to_string())?;
    let half = Head::new(Kind::Half, None, house.sleeps, link).with(&[]);
    channel.send(&half, Some(own.descriptor())).map_err(|e| e.to_string())?;
    let ready = Head::new(Kind::Ready, None, house.sleeps, link).with(&[]);
    channel.send(&ready, None).map_err(|e| e.to_string())?;
    Ok(Stage::Ready(guest, own, peer))
}
