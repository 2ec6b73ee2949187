//! The path over TCP with TLS.

mod certificates;
mod hostile;
mod mistakes;
mod raw;

use std::sync::LazyLock;

use mycelium_rt::link::{Address, InputSpec, Limits, LinkSpec, NotAccepted, StreamInput, StreamLink, Tls, Unknown};
use mycelium_rt::{Config, MessageInfo};

use self::certificates::Authority;
use super::acceptance::Ends;
use super::conformance::conforms;
use super::path::{BOTH, Options, Path};
use super::streams::{Streams, TcpPath, quick};

conforms!(tls, TlsPath, drops_oldest, latest, reconnects, batches);

/// A scene in which all identities trust one another.
static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);
static RECEIVER: LazyLock<Tls> = LazyLock::new(|| AUTHORITY.identity("feed.test", |_| {}));
static SENDER: LazyLock<Tls> = LazyLock::new(|| AUTHORITY.identity("desk.test", |_| {}));

pub(crate) struct TlsPath(TcpPath);

impl TlsPath {
    /// A link of the given identity.
    fn link(&self, config: Config, tls: &Tls, options: Options) -> StreamLink {
        let config = config.tls(tls.clone()).address("desk", &self.0.0);
        let Options { on_full, batch, messages, small: _ } = options;
        let spec = LinkSpec {
            on_full,
            batch,
            tls: true,
            server_name: Some("feed.test"),
            ..LinkSpec::new("desk", Address::tcp("localhost:1"), "test", messages)
        };
        StreamLink::open(spec, &config).unwrap()
    }

    /// An input of the given identity.
    fn open(&self, config: Config, tls: &Tls, messages: &'static [MessageInfo]) -> StreamInput {
        let config = config.tls(tls.clone()).address("feed", &self.0.0);
        let spec = InputSpec::new("feed", Address::tcp("localhost:1"), "test", messages);
        StreamInput::open(InputSpec { tls: true, ..spec }, &config).unwrap()
    }
}

impl Path for TlsPath {
    type Sender = StreamLink;
    type Receiver = StreamInput;

    /// With the header of its frame.
    fn bytes(len: u64) -> u64 {
        16 + len
    }

    fn new() -> Self {
        Self(TcpPath::new())
    }

    fn sender(&self, options: Options) -> StreamLink {
        self.link(quick(options.small), &SENDER, options)
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> StreamInput {
        self.open(quick(false), &RECEIVER, messages)
    }
}

impl Ends for TlsPath {
    fn choosy(&self, messages: &'static [MessageInfo], unknown: Unknown) -> StreamInput {
        let config = quick(false).tls(RECEIVER.clone()).address("feed", &self.0.0);
        let spec = InputSpec::new("feed", Address::tcp("localhost:1"), "test", messages);
        StreamInput::open(InputSpec { tls: true, unknown, ..spec }, &config).unwrap()
    }

    fn not_accepted(sender: &StreamLink) -> Vec<NotAccepted> {
        sender.not_accepted()
    }
}

impl Streams for TlsPath {
    fn input(&self, limits: Limits) -> StreamInput {
        self.open(Config::new().limits(limits), &RECEIVER, BOTH)
    }
}
