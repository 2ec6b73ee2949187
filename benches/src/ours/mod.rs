//! Mycelium's paths as ports.

pub mod direct;
pub mod lanes;
pub mod processes;
pub mod queue;
pub mod shm;
pub mod stream;
pub mod task;

use mycelium_rt::MessageInfo;
use mycelium_rt::link::OnFull;

/// The id of the message that links carry.
pub const BODY_ID: u16 = 7;

/// The contract of a link whose only message has `W` words.
struct Contract<const W: usize>;

impl<const W: usize> Contract<W> {
    const ID: u16 = BODY_ID;
    const MESSAGES: &'static [MessageInfo] = &[MessageInfo {
        id: Self::ID,
        name: "Body",
        topic: "bench",
        version: 1,
        min_compatible: 1,
        layouts: &[(1, W * 8, 0xfeed)],
    }];
}

/// Whether a waiting end sleeps or polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It polls, and never sleeps.
    Poll,
    /// It sleeps in the kernel.
    Block,
}

/// A sender without room waits, the default.
const ON_FULL: OnFull = OnFull::Block;

/// A message in the bytes of a received body, read in place.
#[inline(always)]
fn in_place<const W: usize>(bytes: &[u8]) -> &[u64; W] {
    zerocopy::FromBytes::ref_from_bytes(bytes).expect("a body of the size that was sent, on an 8-byte boundary")
}
