//! The paths between processes, behind one interface for these tests.

use std::path::Path;
use std::time::Duration;

use mycelium_rt::link::{
    Address, Batch, InputSpec, Limits, LinkSpec, LinkStats, OnFull, SendError, Status, StreamInput, StreamLink,
};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::{Config, MessageInfo};

/// A message of eight words, each of which follows from the first.
const WORDS: usize = 8;
const ID: u16 = 7;
const NUMBER: &[MessageInfo] = &[MessageInfo {
    id: ID,
    name: "Number",
    topic: "test",
    version: 1,
    min_compatible: 1,
    layouts: &[(1, WORDS * 8, 0xabc)],
}];

/// Few, so that both ends find the ring full or empty all the time.
pub(crate) const SLOTS: usize = 64;

/// The path between the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Shm,
    Unix,
    Tcp,
}

impl Via {
    pub(crate) const ALL: [Self; 3] = [Self::Shm, Self::Unix, Self::Tcp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Shm => "shm",
            Self::Unix => "unix",
            Self::Tcp => "tcp",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.name() == name)
    }

    /// An address for a process that has `directory` to itself.
    pub(crate) fn address(self, directory: &Path) -> String {
        match self {
            Self::Shm | Self::Unix => directory.join("link.sock").to_string_lossy().into_owned(),
            Self::Tcp => {
                // An address of 127.0.0.0/8 that no other process uses, and a port that the kernel does not assign by
                // itself.
                let [_, high, middle, low] = std::process::id().to_be_bytes();
                format!("127.{}.{middle}.{low}:17403", high | 128)
            }
        }
    }

    pub(crate) fn link(self, address: &str, on_full: OnFull) -> Box<dyn Link> {
        let spec = |kind| LinkSpec { on_full, batch: Batch::of(4), ..LinkSpec::new("link", kind, "test", NUMBER) };
        let config = config(address);
        match self {
            Self::Shm => {
                let options = ShmOptions { slots: SLOTS, ..ShmOptions::default() };
                Box::new(ShmLink::open(spec(Address::shm("/")), options, &config).expect("a link"))
            }
            Self::Unix => Box::new(StreamLink::open(spec(Address::unix("/")), &config).expect("a link")),
            Self::Tcp => Box::new(StreamLink::open(spec(Address::tcp("127.0.0.1:1")), &config).expect("a link")),
        }
    }

    pub(crate) fn input(self, address: &str) -> Box<dyn Input> {
        let spec = |kind| InputSpec::new("link", kind, "test", NUMBER);
        let config = config(address);
        match self {
            Self::Shm => {
                let options = ShmOptions::default();
                Box::new(ShmInput::open(spec(Address::shm("/")), options, &config).expect("an input"))
            }
            Self::Unix => Box::new(StreamInput::open(spec(Address::unix("/")), &config).expect("an input")),
            Self::Tcp => Box::new(StreamInput::open(spec(Address::tcp("127.0.0.1:1")), &config).expect("an input")),
        }
    }
}

fn config(address: &str) -> Config {
    let limits = Limits {
        backoff: Duration::from_millis(1),
        backoff_max: Duration::from_millis(5),
        // Full soon, like the ring.
        send_buffer: 8 * 1024,
        // A process may be stopped within a frame.
        frame: Duration::from_secs(24 * 3600),
        ..Limits::default()
    };
    Config::new().limits(limits).address("link", address)
}

/// The message with this number.
pub(crate) fn body(number: u64) -> [u8; WORDS * 8] {
    let mut body = [0; WORDS * 8];
    for (index, chunk) in body.chunks_exact_mut(8).enumerate() {
        chunk.copy_from_slice(&number.wrapping_mul(index as u64 * 2 + 1).to_le_bytes());
    }
    body
}

/// The number of a message, if the message is intact.
fn number(bytes: &[u8]) -> Option<u64> {
    let number = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
    (body(number) == bytes).then_some(number)
}

/// The sending end.
pub(crate) trait Link {
    fn send(&mut self, number: u64) -> Result<(), SendError>;
    /// Does what is due; returns whether there is a peer.
    fn poll(&mut self) -> bool;
    fn flush(&mut self);
    fn stats(&self) -> LinkStats;
}

/// The receiving end.
pub(crate) trait Input {
    /// Receives what has arrived; panics at a message that is not intact.
    fn take(&mut self, take: &mut dyn FnMut(u64)) -> usize;
    fn wait(&mut self, timeout: Duration);
    fn peers(&self) -> usize;
    fn stats(&self) -> LinkStats;
}

macro_rules! ends {
    ($link:ty, $input:ty) => {
        impl Link for $link {
            fn send(&mut self, number: u64) -> Result<(), SendError> {
                self.send_bytes(ID, &body(number))
            }

            fn poll(&mut self) -> bool {
                <$link>::poll(self) == Status::Connected
            }

            fn flush(&mut self) {
                <$link>::flush(self);
            }

            fn stats(&self) -> LinkStats {
                <$link>::stats(self)
            }
        }

        impl Input for $input {
            fn take(&mut self, take: &mut dyn FnMut(u64)) -> usize {
                self.poll(|_, _, bytes| {
                    take(number(bytes).expect("a whole message"));
                    Ok::<(), std::convert::Infallible>(())
                })
            }

            fn wait(&mut self, timeout: Duration) {
                <$input>::wait(self, timeout)
            }

            fn peers(&self) -> usize {
                <$input>::peers(self)
            }

            fn stats(&self) -> LinkStats {
                <$input>::stats(self)
            }
        }
    };
}

ends!(ShmLink, ShmInput);
ends!(StreamLink, StreamInput);
