//! Links over byte streams: Unix and TCP sockets carry the same frames.

pub(crate) mod plain;
pub(crate) mod socket;

mod endpoint;
mod handshake;

mod tx;

mod skipped;

mod rx;

pub use tx::StreamLink;

use super::Transport;
use crate::link::{Address, Config, Input, InputSpec, LinkError, LinkSpec};
use crate::wire::Hello;
use rx::StreamRx;
use tx::StreamTx;

/// Links over Unix and TCP sockets.
#[derive(Debug)]
pub enum Stream {}

impl Transport for Stream {
    type Options = ();
    type Tx = StreamTx;
    type Rx = StreamRx;

    fn dial(spec: &LinkSpec, address: &Address, (): (), hello: Hello, config: &Config) -> Result<StreamTx, LinkError> {
        StreamTx::new(spec, address, hello, config)
    }

    fn accept(spec: &InputSpec, address: &Address, (): (), _: &Hello, config: &Config) -> Result<StreamRx, LinkError> {
        StreamRx::bind(spec, address, config)
    }
}

/// An input over Unix or TCP streams.
///
/// A peer that leaves a frame incomplete for longer than [`Limits::frame`](crate::link::Limits::frame) loses its connection.
/// Memory is one read buffer per peer, allocated when it has shaken hands, and one handshake per newcomer. Delivering
/// allocates nothing. TLS allocates for each record, and holds at most some 64 KiB per newcomer and 48 KiB per peer.
///
/// There is an example at [`StreamLink`].
pub type StreamInput = Input<Stream>;

impl StreamInput {
    /// Binds the address and listens.
    ///
    /// # Errors
    /// An address that is invalid, insecure, or in use; messages that do not fit into a handshake.
    pub fn open(spec: InputSpec, config: &Config) -> Result<Self, LinkError> {
        Self::listen(&spec, (), config)
    }
}

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<StreamLink>();
    is_send::<StreamInput>();
};
