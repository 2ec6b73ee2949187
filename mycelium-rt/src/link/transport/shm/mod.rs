//! Links over shared memory: the handshake over a Unix socket, and a ring in the halves that both sides map. The memory itself, and what a
//! peer can and cannot do to it, is [`shm`](crate::shm).

mod channel;
mod dialing;
mod newcomer;
mod options;
mod packet;
mod peer;
mod rx;
mod spares;
#[cfg(test)]
mod tests;
mod tx;

pub use options::ShmOptions;
pub use tx::ShmLink;

use super::Transport;
use crate::link::{Address, Config, Input, InputSpec, LinkError, LinkSpec};
use crate::wire::Hello;
use rx::ShmRx;
use tx::ShmTx;

/// Links over shared memory.
#[derive(Debug)]
pub enum Shm {}

impl Transport for Shm {
    type Options = ShmOptions;
    type Tx = ShmTx;
    type Rx = ShmRx;

    fn dial(
        spec: &LinkSpec,
        address: &Address,
        options: ShmOptions,
        hello: Hello,
        config: &Config,
    ) -> Result<ShmTx, LinkError> {
        ShmTx::new(spec, address, options, hello, config)
    }

    fn accept(
        spec: &InputSpec,
        address: &Address,
        options: ShmOptions,
        hello: &Hello,
        config: &Config,
    ) -> Result<ShmRx, LinkError> {
        ShmRx::bind(spec, address, options, hello, config)
    }
}

/// An input over shared memory.
///
/// What a peer had committed to its ring when it ended, in whatever way, is delivered; what it had not does not exist. Bodies are
/// delivered as private copies. Memory is one mapping per peer, of the size that the handshake allows, and one buffer for its largest
/// message. Delivering allocates nothing and makes no system call, but to wake a sender that sleeps on a full ring, and a look at the
/// sockets in some 500 µs. [`wait`](Input::wait) is awake for 20 µs and sleeps then, unless the input was told to
/// [spin](ShmOptions::spin).
///
/// There is an example at [`ShmLink`].
pub type ShmInput = Input<Shm>;

impl ShmInput {
    /// Binds the path and listens.
    ///
    /// # Errors
    /// An address that is none or is in use; messages that do not fit into a handshake.
    pub fn open(spec: InputSpec, options: ShmOptions, config: &Config) -> Result<Self, LinkError> {
        Self::listen(&spec, options, config)
    }
}

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<ShmLink>();
    is_send::<ShmInput>();
};
