//! Why a handshake is refused, in words for both ends.

use core::fmt::{self, Display, Formatter};

use super::bytes::{Reader, put_text};
use super::info::{Layout, MessageEntry};

/// The maximum length of a text in a refusal, in bytes.
const MAX_TEXT: u16 = 255;

/// Why a handshake was refused, from the point of view of the end that reads it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The two sides speak different versions of the protocol.
    #[error(
        "this side speaks protocol version {ours}, the peer version {theirs}: build both with the same version of mycelium-rt"
    )]
    Protocol {
        /// The version of this side.
        ours: u16,
        /// The version of the peer.
        theirs: u16,
    },
    /// Both sides want to send, or both to receive.
    #[error("both sides want the same end of the link")]
    Role,
    /// The two sides were built from different schemas.
    #[error("this side speaks schema `{ours}`, the peer schema `{theirs}`")]
    Schema {
        /// The schema of this side.
        ours: String,
        /// The schema of the peer.
        theirs: String,
    },
    /// A message that the two sides do not agree on.
    #[error(transparent)]
    Message(Mismatch),
    /// The handshake was malformed.
    #[error("the handshake was malformed")]
    Malformed,
    /// The maximum number of peers is connected.
    #[error("the input has the maximum number of peers")]
    Busy,
    /// The peer runs as a user that is not allowed.
    #[error("the peer's user is not allowed")]
    User,
    /// The two sides want different options of the transport.
    #[error("the options of the transport do not match: {0}")]
    Transport(String),
    /// One side does not accept the other's certificate or TLS parameters. Never sent by this protocol, since TLS comes first.
    #[error("TLS: {0}")]
    Tls(String),
}

/// A message on which two sides do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The id of the message.
    pub id: u16,
    /// Its name.
    pub name: String,
    /// What this side has; `None` if it does not have the message.
    pub ours: Option<Stand>,
    /// What the peer has; `None` if it does not have the message.
    pub theirs: Option<Stand>,
}

/// One side's version of a message: the version of its schema, and the layout that it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The version of the schema.
    pub version: u16,
    /// The current layout.
    pub layout: Layout,
}

/// Which of two sides was built from the older contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// This side.
    Ours,
    /// The peer.
    Theirs,
    /// Both have the same version, or one does not have the message.
    Neither,
}

impl Stand {
    /// The version of the side of `entry`.
    pub fn of(entry: &MessageEntry) -> Self {
        Self { version: entry.version, layout: entry.current() }
    }

    fn is_laid_out_as(&self, other: &Self) -> bool {
        (self.layout.size, self.layout.hash) == (other.layout.size, other.layout.hash)
    }
}

impl Mismatch {
    /// Which side is older.
    pub fn older(&self) -> Older {
        let (Some(ours), Some(theirs)) = (self.ours, self.theirs) else { return Older::Neither };
        match (ours.version, ours.layout.version).cmp(&(theirs.version, theirs.layout.version)) {
            core::cmp::Ordering::Less => Older::Ours,
            core::cmp::Ordering::Equal => Older::Neither,
            core::cmp::Ordering::Greater => Older::Theirs,
        }
    }
}

impl core::error::Error for Mismatch {}

impl Display for Mismatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "message `{}` (id {})", self.name, self.id)?;
        match (self.ours, self.theirs, self.older()) {
            (None, _, _) => write!(f, " is not among the messages of this side"),
            (_, None, _) => write!(f, " is not among the messages of the peer"),
            // The layout is the same, so it is the version that is too old.
            (Some(ours), Some(theirs), Older::Ours) if ours.is_laid_out_as(&theirs) => {
                let (version, least) = (ours.version, theirs.layout.version);
                write!(
                    f,
                    ": this side is older: it has version {version}, and the peer reads version {least} and later (`min_compatible`)"
                )
            }
            (Some(ours), Some(theirs), Older::Theirs) if ours.is_laid_out_as(&theirs) => {
                let (version, least) = (theirs.version, ours.layout.version);
                write!(
                    f,
                    ": the peer is older: it has version {version}, and this side reads version {least} and later (`min_compatible`)"
                )
            }
            (Some(ours), Some(theirs), Older::Ours) => {
                write!(f, ": this side is older: it has {ours}, which the peer with {theirs} does not read")
            }
            (Some(ours), Some(theirs), Older::Theirs) => {
                write!(f, ": the peer is older: it has {theirs}, which this side with {ours} does not read")
            }
            (Some(ours), Some(theirs), Older::Neither) => {
                write!(f, ": neither side is older, but this side has {ours} and the peer {theirs}")
            }
        }
    }
}

impl Display for Stand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "version {} ({} bytes, layout {:#018x})", self.version, self.layout.size, self.layout.hash)
    }
}

impl Refusal {
    /// The same refusal from the other side's point of view.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Protocol { ours, theirs } => Self::Protocol { ours: theirs, theirs: ours },
            Self::Schema { ours, theirs } => Self::Schema { ours: theirs, theirs: ours },
            Self::Message(it) => Self::Message(Mismatch { ours: it.theirs, theirs: it.ours, ..it }),
            same => same,
        }
    }

    /// Whether another attempt may succeed although neither side is replaced.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Malformed)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Protocol { ours, theirs } => put_u16s(out, &[1, *ours, *theirs]),
            Self::Role => put_u16s(out, &[2]),
            Self::Schema { ours, theirs } => {
                put_u16s(out, &[3]);
                put_text(out, ours, MAX_TEXT);
                put_text(out, theirs, MAX_TEXT);
            }
            Self::Message(it) => {
                put_u16s(out, &[4, it.id]);
                put_text(out, &it.name, MAX_TEXT);
                put_stand(out, it.ours);
                put_stand(out, it.theirs);
            }
            Self::Malformed => put_u16s(out, &[5]),
            Self::Busy => put_u16s(out, &[6]),
            Self::User => put_u16s(out, &[7]),
            Self::Transport(what) => {
                put_u16s(out, &[8]);
                put_text(out, what, MAX_TEXT);
            }
            Self::Tls(what) => {
                put_u16s(out, &[9]);
                put_text(out, what, MAX_TEXT);
            }
        }
    }

    pub(super) fn decode(from: &mut Reader<'_>) -> Option<Self> {
        Some(match from.u16()? {
            1 => Self::Protocol { ours: from.u16()?, theirs: from.u16()? },
            2 => Self::Role,
            3 => Self::Schema { ours: from.text()?.into(), theirs: from.text()?.into() },
            4 => Self::Message(Mismatch {
                id: from.u16()?,
                name: from.text()?.into(),
                ours: stand(from)?,
                theirs: stand(from)?,
            }),
            5 => Self::Malformed,
            6 => Self::Busy,
            7 => Self::User,
            8 => Self::Transport(from.text()?.into()),
            9 => Self::Tls(from.text()?.into()),
            _ => return None,
        })
    }
}

fn put_u16s(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn put_stand(out: &mut Vec<u8>, stand: Option<Stand>) {
    let Some(Stand { version, layout }) = stand else { return put_u16s(out, &[0]) };
    put_u16s(out, &[1, version, layout.version]);
    out.extend_from_slice(&layout.size.to_le_bytes());
    out.extend_from_slice(&layout.hash.to_le_bytes());
}

fn stand(from: &mut Reader<'_>) -> Option<Option<Stand>> {
    match from.u16()? {
        0 => Some(None),
        1 => {
            let version = from.u16()?;
            let layout = Layout { version: from.u16()?, size: from.u32()?, hash: from.u64()? };
            Some(Some(Stand { version, layout }))
        }
        _ => None,
    }
}
