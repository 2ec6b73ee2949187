//! The handshake: what two ends exchange before the first message.
//!
//! Every part begins with 16 bytes, `magic [u8; 8] | protocol u16 | kind u16 | len u32`, and is followed by `len` bytes. All integers are
//! little-endian. The receiver answers the sender's `Hello` by an `Accept` or a `Reject`. The `Hello` lists the messages that the sender
//! may send, the `Accept` those of them that the receiver accepts; others are not sent.
//!
//! Version 1 refused the whole link for one message that the receiver did not have. Programs of both versions report their versions to each
//! other, see [`Handshake::reject_version`], which every version can read.

use super::bytes::{Reader, put_text};
use super::info::{self, Layout, MessageEntry, TableError};
use super::refusal::Refusal;
use crate::MessageInfo;

/// The version of the handshake and the frames. Both peers must have the same version.
pub const PROTOCOL: u16 = 2;

/// The largest part of a handshake in bytes, prefix included: room for some 250 messages of two layouts.
pub const MAX_HANDSHAKE: usize = 16 * 1024;

/// The bytes before each part of a handshake.
pub const HANDSHAKE_PREFIX: usize = 16;

const MAGIC: [u8; 8] = *b"mycelium";
const MAX_NAME: u16 = 255;

/// One part of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// The messages of the connecting end.
    Hello(Hello),
    /// The messages of the `Hello` that the accepting end has. From now on these may be sent.
    Accept(Hello),
    /// Why the connection is refused. It is closed afterwards.
    Reject(Refusal),
}

/// The description of one end of a link: its role and its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Whether this end sends or receives.
    pub role: Role,
    /// A random number of the sender, kept across reconnects, so that the receiver can continue its sequence; 0 if there is none. An
    /// `Accept` repeats it if the receiver knows it, and has 0 otherwise.
    pub session: u64,
    /// From the sender: the sequence number after the last message that it wrote to any connection. From the receiver, if it knows the
    /// session: the sequence number that it expects.
    pub next: u64,
    /// The name of the schema; empty if the link carries messages of several schemas.
    pub schema: String,
    /// The messages, in ascending order of their ids.
    pub messages: Vec<MessageEntry>,
}

/// The role of an end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It sends messages.
    Sender,
    /// It receives messages.
    Receiver,
}

/// Why bytes are not a handshake, or a handshake is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// The peer speaks another protocol.
    #[error("the peer does not speak this protocol")]
    Magic,
    /// The peer speaks another version of the protocol.
    #[error("the peer speaks protocol version {theirs}, this side version {PROTOCOL}")]
    Protocol {
        /// The version of the peer.
        theirs: u16,
    },
    /// More than [`MAX_HANDSHAKE`] bytes.
    #[error("a handshake of {len} bytes, at most {MAX_HANDSHAKE} are allowed")]
    TooLarge {
        /// The length, prefix included.
        len: u64,
    },
    /// The bytes contradict themselves.
    #[error("the handshake is malformed")]
    Malformed,
}

impl HandshakeError {
    /// The refusal for this error.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Protocol { theirs } => Refusal::Protocol { ours: PROTOCOL, theirs },
            _ => Refusal::Malformed,
        }
    }
}

impl Handshake {
    /// The bytes of a `Reject` in the peer's version of the protocol.
    #[must_use]
    pub fn rejection(refusal: &Refusal) -> Vec<u8> {
        match refusal {
            Refusal::Protocol { theirs, .. } => Self::reject_version(*theirs),
            // Texts in refusals are truncated, so that every refusal fits.
            refusal => Self::Reject(refusal.clone()).encode().unwrap_or_default(),
        }
    }
}

impl Hello {
    /// The description of an end that sends or receives `messages`.
    pub fn new(role: Role, schema: &str, messages: &[MessageInfo]) -> Result<Self, TableError> {
        Ok(Self { role, session: 0, next: 0, schema: schema.into(), messages: info::table(messages)? })
    }

    /// The entry of the message with this id.
    pub fn find(&self, id: u16) -> Option<&MessageEntry> {
        let at = self.messages.binary_search_by_key(&id, |entry| entry.id).ok()?;
        self.messages.get(at)
    }

    /// The size of the largest body of its messages.
    #[cfg(any(feature = "net", feature = "shm"))]
    pub(crate) fn largest_body(&self) -> usize {
        self.messages.iter().map(|entry| entry.current().size as usize).max().unwrap_or(0)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.session.to_le_bytes());
        out.extend_from_slice(&self.next.to_le_bytes());
        out.extend_from_slice(&(self.role as u16).to_le_bytes());
        put_text(out, &self.schema, MAX_NAME);
        out.extend_from_slice(&(self.messages.len() as u32).to_le_bytes());
        for entry in &self.messages {
            out.extend_from_slice(&entry.id.to_le_bytes());
            out.extend_from_slice(&entry.version.to_le_bytes());
            put_text(out, &entry.name, MAX_NAME);
            out.extend_from_slice(&(entry.layouts.len() as u32).to_le_bytes());
            for layout in &entry.layouts {
                out.extend_from_slice(&layout.version.to_le_bytes());
                out.extend_from_slice(&layout.size.to_le_bytes());
                out.extend_from_slice(&layout.hash.to_le_bytes());
            }
        }
    }

    fn decode(from: &mut Reader<'_>) -> Option<Self> {
        let (session, next) = (from.u64()?, from.u64()?);
        let role = match from.u16()? {
            0 => Role::Sender,
            1 => Role::Receiver,
            _ => return None,
        };
        let schema = from.text()?.into();
        // Counts are not trusted to reserve memory: each entry takes bytes that have arrived.
        let mut messages: Vec<MessageEntry> = Vec::new();
        for _ in 0..from.u32()? {
            let entry = decode_entry(from)?;
            if messages.last().is_some_and(|last| last.id >= entry.id) {
                return None;
            }
            messages.push(entry);
        }
        Some(Self { role, session, next, schema, messages })
    }
}

impl Handshake {
    /// The bytes of this part.
    pub fn encode(&self) -> Result<Vec<u8>, HandshakeError> {
        self.encode_as(PROTOCOL)
    }

    /// The bytes of a `Reject` for a peer that speaks version `theirs` of the protocol. It bears the peer's own version, so that the peer
    /// can read it. All versions encode this part in the same way.
    ///
    /// ```
    /// use mycelium_rt::wire::{Handshake, PROTOCOL};
    ///
    /// let bytes = Handshake::reject_version(1);
    /// assert_eq!(bytes[8..10], 1u16.to_le_bytes());
    /// assert_eq!(bytes[18..20], PROTOCOL.to_le_bytes());
    /// ```
    #[must_use]
    pub fn reject_version(theirs: u16) -> Vec<u8> {
        // Twenty-two bytes, which is never too large.
        Self::Reject(Refusal::Protocol { ours: PROTOCOL, theirs }).encode_as(theirs).unwrap_or_default()
    }

    fn encode_as(&self, protocol: u16) -> Result<Vec<u8>, HandshakeError> {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&protocol.to_le_bytes());
        let kind: u16 = match self {
            Self::Hello(_) => 1,
            Self::Accept(_) => 2,
            Self::Reject(_) => 3,
        };
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        match self {
            Self::Hello(hello) | Self::Accept(hello) => hello.encode(&mut out),
            Self::Reject(refusal) => refusal.encode(&mut out),
        }
        if out.len() > MAX_HANDSHAKE {
            return Err(HandshakeError::TooLarge { len: out.len() as u64 });
        }
        let len = (out.len() - HANDSHAKE_PREFIX) as u32;
        out[12..HANDSHAKE_PREFIX].copy_from_slice(&len.to_le_bytes());
        Ok(out)
    }

    /// The length of the part that `bytes` begin with, prefix included; `None` if there are too few bytes to know it. Bytes that cannot
    /// become a handshake are an error as early as possible.
    pub fn length(bytes: &[u8]) -> Result<Option<usize>, HandshakeError> {
        let known = bytes.len().min(MAGIC.len());
        if bytes[..known] != MAGIC[..known] {
            return Err(HandshakeError::Magic);
        }
        let mut rest = Reader(&bytes[known..]);
        let Some(theirs) = rest.u16() else { return Ok(None) };
        if theirs != PROTOCOL {
            return Err(HandshakeError::Protocol { theirs });
        }
        let (Some(_kind), Some(len)) = (rest.u16(), rest.u32()) else { return Ok(None) };
        let len = u64::from(len) + HANDSHAKE_PREFIX as u64;
        match usize::try_from(len) {
            Ok(whole) if whole <= MAX_HANDSHAKE => Ok(Some(whole)),
            _ => Err(HandshakeError::TooLarge { len }),
        }
    }

    /// Reads one part: `bytes` must be exactly that part. A refusal is returned from this end's point of view.
    ///
    /// ```
    /// use mycelium_rt::wire::{Handshake, Hello, Refusal, Role};
    ///
    /// let hello = Handshake::Hello(Hello::new(Role::Sender, "market", &[]).unwrap());
    /// let bytes = hello.encode().unwrap();
    /// assert_eq!(Handshake::length(&bytes), Ok(Some(bytes.len())));
    /// assert_eq!(Handshake::decode(&bytes), Ok(hello));
    /// assert!(Handshake::decode(&bytes[1..]).is_err());
    ///
    /// let reject = Handshake::Reject(Refusal::Schema { ours: "market".into(), theirs: "game".into() });
    /// let read = Handshake::decode(&reject.encode().unwrap()).unwrap();
    /// assert_eq!(read, Handshake::Reject(Refusal::Schema { ours: "game".into(), theirs: "market".into() }));
    /// ```
    pub fn decode(bytes: &[u8]) -> Result<Self, HandshakeError> {
        if Self::length(bytes)? != Some(bytes.len()) {
            return Err(HandshakeError::Malformed);
        }
        let mut from = Reader(bytes);
        let part = Self::decode_part(&mut from).ok_or(HandshakeError::Malformed)?;
        if from.0.is_empty() { Ok(part) } else { Err(HandshakeError::Malformed) }
    }

    fn decode_part(from: &mut Reader<'_>) -> Option<Self> {
        from.take(MAGIC.len() + 2)?;
        let kind = from.u16()?;
        from.take(4)?;
        match kind {
            1 => Hello::decode(from).map(Self::Hello),
            2 => Hello::decode(from).map(Self::Accept),
            3 => Refusal::decode(from).map(|refusal| Self::Reject(refusal.flipped())),
            _ => None,
        }
    }
}

fn decode_entry(from: &mut Reader<'_>) -> Option<MessageEntry> {
    let (id, version) = (from.u16()?, from.u16()?);
    let name = from.text()?.into();
    let mut layouts = Vec::new();
    for _ in 0..from.u32()? {
        let layout = Layout { version: from.u16()?, size: from.u32()?, hash: from.u64()? };
        if layout.size as usize > super::MAX_BODY {
            return None;
        }
        layouts.push(layout);
    }
    let entry = MessageEntry { id, version, name, layouts };
    entry.is_ordered().then_some(entry)
}
