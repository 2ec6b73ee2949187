//! The packets of the control socket: a fixed head, followed by the handshake that all transports share.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::ring::Geometry;
use crate::shared_memory::half::LAYOUT;
use crate::wire::MAX_HANDSHAKE;

const MAGIC: [u8; 8] = *b"myc-shm\0";
const ENDIAN: u16 = 0x0102;

/// The size of the largest packet, in bytes.
pub(super) const MAX_PACKET: usize = size_of::<Head>() + MAX_HANDSHAKE;

/// After the handshake, the only packet: "look at the ring".
pub(super) const WAKE_UP: [u8; 1] = [0xb1];

/// What a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Kind {
    /// The connecting side's messages and ring.
    Hello = 1,
    /// The listening side's messages, and the number of the link.
    Accept = 2,
    /// Why the handshake is refused.
    Reject = 3,
    /// A half; its descriptor is sent with the packet.
    Half = 4,
    /// The peer's half is mapped.
    Ready = 5,
}

/// The beginning of each packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct Head {
    magic: [u8; 8],
    layout: u32,
    endian: u16,
    kind: u16,
    /// Slots of the ring in this side's half; 0 if it has no ring.
    slots: u32,
    /// The size of each slot, in bytes.
    stride: u32,
    /// Whether this side ever sleeps, and so must be woken: 0 or 1.
    sleeps: u64,
    link: u64,
}

/// Why bytes are not a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PacketError {
    #[error("the peer does not speak this protocol")]
    Magic,
    #[error("the peer has layout {theirs} of shared memory, this side {LAYOUT}")]
    Layout { theirs: u32 },
    #[error("the peer's byte order is another")]
    Endian,
    #[error("the packet is malformed")]
    Malformed,
}

impl Head {
    pub(super) fn new(kind: Kind, ring: Option<Geometry>, sleeps: bool, link: u64) -> Self {
        let (slots, stride) = ring.map_or((0, 0), |ring| (ring.slots() as u32, ring.stride() as u32));
        let (kind, sleeps) = (kind as u16, u64::from(sleeps));
        Self { magic: MAGIC, layout: LAYOUT, endian: ENDIAN, kind, slots, stride, sleeps, link }
    }

    /// The bytes of a packet.
    pub(super) fn with(self, rest: &[u8]) -> Vec<u8> {
        [self.as_bytes(), rest].concat()
    }

    /// Reads a packet: its head, and what follows it.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), PacketError> {
        let (head, rest) = Self::read_from_prefix(bytes).map_err(|_| PacketError::Malformed)?;
        if head.magic != MAGIC {
            return Err(PacketError::Magic);
        }
        if head.endian != ENDIAN {
            return Err(PacketError::Endian);
        }
        if head.layout != LAYOUT {
            return Err(PacketError::Layout { theirs: head.layout });
        }
        if head.sleeps > 1 || head.kind().is_none() {
            return Err(PacketError::Malformed);
        }
        Ok((head, rest))
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        [Kind::Hello, Kind::Accept, Kind::Reject, Kind::Half, Kind::Ready]
            .into_iter()
            .find(|kind| *kind as u16 == self.kind)
    }

    /// The ring in the peer's half; `None` if there cannot be such a ring, `Some(None)` if there is none.
    pub(super) fn ring(&self) -> Option<Option<Geometry>> {
        match (self.slots, self.stride) {
            (0, 0) => Some(None),
            (slots, stride) => Geometry::of_peer(slots, stride).map(Some),
        }
    }

    pub(super) fn sleeps(&self) -> bool {
        self.sleeps == 1
    }

    pub(super) fn link(&self) -> u64 {
        self.link
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_are_read_as_they_were_written() {
        let ring = Geometry::new(100, 60).ok();
        let head = Head::new(Kind::Hello, ring, true, 9);
        let bytes = head.with(b"rest");
        assert_eq!(Head::parse(&bytes), Ok((head, b"rest".as_slice())));
        assert_eq!(head.ring().flatten().map(|ring| (ring.slots(), ring.stride())), Some((128, 192)));
        assert_eq!(Head::new(Kind::Half, None, false, 9).ring(), Some(None));
    }

    #[test]
    fn impossible_rings_are_rejected() {
        for (slots, stride) in [
            (0, 128),
            (64, 0),
            (3, 128),
            (64, 129),
            (64, 8),
            (64, 64),
            (1 << 31, 128),
            (64, 1 << 31),
            (1 << 20, 65_664),
        ] {
            let head = Head { slots, stride, ..Head::new(Kind::Hello, None, false, 1) };
            assert_eq!(head.ring(), None, "{slots} x {stride}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_packet_or_an_error(bytes: Vec<u8>, head in proptest::array::uniform24(any::<u8>())) {
            let _ = Head::parse(&bytes);
            let good = Head::new(Kind::Hello, None, false, 1);
            let mut forged = good.with(&bytes);
            forged[16..40].copy_from_slice(&head);
            if let Ok((head, _)) = Head::parse(&forged) {
                let _ = head.ring();
            }
        }
    }
}
