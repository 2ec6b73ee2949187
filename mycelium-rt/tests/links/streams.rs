//! The paths over Unix and TCP sockets.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::link::{
    Address, InputSpec, Interrupt, Limits, LinkSpec, LinkStats, NotAccepted, SendAllError, SendError, Status,
    StreamInput, StreamLink, Unknown,
};
use mycelium_rt::{Message, MessageInfo};

use super::acceptance::Ends;
use super::conformance::conforms;
use super::path::{BOTH, Options, Path, Receiver, Sender};

conforms!(unix, UnixPath, drops_oldest, latest, reconnects, batches);
conforms!(tcp, TcpPath, drops_oldest, latest, reconnects, batches);

/// A folder for one test, which is removed with this value.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("mycelium-links-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn socket(&self) -> String {
        self.0.join("s").to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct UnixPath(pub(crate) Folder);

pub(crate) struct TcpPath(pub(crate) String);

/// Limits that make links full soon and reconnect at once.
pub(crate) fn quick(small: bool) -> Config {
    let send_buffer = if small { 1024 } else { Limits::default().send_buffer };
    let backoff_max = Duration::from_millis(2);
    Config::new().limits(Limits { send_buffer, backoff_max, ..Limits::default() })
}

pub(crate) fn link(name: &'static str, address: Address, config: &Config, options: Options) -> StreamLink {
    let Options { on_full, batch, messages, small: _ } = options;
    let spec = LinkSpec { on_full, batch, ..LinkSpec::new(name, address, "test", messages) };
    StreamLink::open(spec, config).unwrap()
}

/// A path of streams, whose input has the given limits.
pub(crate) trait Streams: Path<Sender = StreamLink, Receiver = StreamInput> {
    fn input(&self, limits: Limits) -> StreamInput;
}

impl Streams for UnixPath {
    fn input(&self, limits: Limits) -> StreamInput {
        let config = Config::new().limits(limits).address("feed", &self.0.socket());
        StreamInput::open(InputSpec::new("feed", Address::unix("/"), "test", BOTH), &config).unwrap()
    }
}

impl Streams for TcpPath {
    fn input(&self, limits: Limits) -> StreamInput {
        let config = Config::new().limits(limits).address("feed", &self.0);
        StreamInput::open(InputSpec::new("feed", Address::tcp("localhost:1"), "test", BOTH), &config).unwrap()
    }
}

impl Path for UnixPath {
    type Sender = StreamLink;
    type Receiver = StreamInput;

    /// With the header of its frame.
    fn bytes(len: u64) -> u64 {
        16 + len
    }

    fn new() -> Self {
        Self(Folder::new())
    }

    fn sender(&self, options: Options) -> StreamLink {
        link("desk", Address::unix("/"), &quick(options.small).address("desk", &self.0.socket()), options)
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> StreamInput {
        let config = quick(false).address("feed", &self.0.socket());
        StreamInput::open(InputSpec::new("feed", Address::unix("/"), "test", messages), &config).unwrap()
    }
}

impl Path for TcpPath {
    type Sender = StreamLink;
    type Receiver = StreamInput;

    /// With the header of its frame.
    fn bytes(len: u64) -> u64 {
        16 + len
    }

    fn new() -> Self {
        // An address of 127.0.0.0/8 and a port that no other test uses, and that the kernel does not assign by itself.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("127.{high}.{low}.{}:{}", 1 + next % 250, 17402 + next / 250))
    }

    fn sender(&self, options: Options) -> StreamLink {
        link("desk", Address::tcp("localhost:1"), &quick(options.small).address("desk", &self.0), options)
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> StreamInput {
        let config = quick(false).address("feed", &self.0);
        StreamInput::open(InputSpec::new("feed", Address::tcp("localhost:1"), "test", messages), &config).unwrap()
    }
}

impl Ends for UnixPath {
    fn choosy(&self, messages: &'static [MessageInfo], unknown: Unknown) -> StreamInput {
        let config = quick(false).address("feed", &self.0.socket());
        let spec = InputSpec::new("feed", Address::unix("/"), "test", messages);
        StreamInput::open(InputSpec { unknown, ..spec }, &config).unwrap()
    }

    fn not_accepted(sender: &StreamLink) -> Vec<NotAccepted> {
        sender.not_accepted()
    }
}

impl Ends for TcpPath {
    fn choosy(&self, messages: &'static [MessageInfo], unknown: Unknown) -> StreamInput {
        let config = quick(false).address("feed", &self.0);
        let spec = InputSpec::new("feed", Address::tcp("localhost:1"), "test", messages);
        StreamInput::open(InputSpec { unknown, ..spec }, &config).unwrap()
    }

    fn not_accepted(sender: &StreamLink) -> Vec<NotAccepted> {
        sender.not_accepted()
    }
}

impl Sender for StreamLink {
    fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.send_bytes(id, body)
    }

    fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        StreamLink::send_all(self, messages)
    }

    fn poll(&mut self) -> bool {
        StreamLink::poll(self) == Status::Connected
    }

    fn flush(&mut self) -> bool {
        StreamLink::flush(self)
    }

    fn close(&mut self, deadline: Instant) -> usize {
        StreamLink::close(self, deadline)
    }

    fn interrupt(&self) -> Interrupt {
        StreamLink::interrupt(self)
    }

    fn stats(&self) -> LinkStats {
        StreamLink::stats(self)
    }
}

impl Receiver for StreamInput {
    fn poll(&mut self, deliver: &mut dyn FnMut(u16, &[u8])) -> usize {
        StreamInput::poll(self, |id, _, body| {
            deliver(id, body);
            Ok::<(), std::convert::Infallible>(())
        })
    }

    fn stats(&self) -> LinkStats {
        StreamInput::stats(self)
    }
}
