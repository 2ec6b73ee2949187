//! Links over shared memory between processes of one host.
//!
//! Each process makes one sealed, anonymous piece of memory per link, its *half*, and is the only one that can write to it;
//! the peer maps it read-only. Descriptors are passed over a Unix socket that stays open as long as the link. There are no
//! names in `/dev/shm`, so nothing is left behind after a crash but the socket's path, which the next [`ShmInput`] that
//! binds it takes over.
//!
//! # What happens when
//!
//! | event | result |
//! |---|---|
//! | the sender dies within a message | the message was never committed and does not exist; what was committed is delivered |
//! | the sender dies after a message | it is delivered: the receiver's mapping keeps the memory |
//! | the receiver dies | the sender ends the link within a fraction of a millisecond of its next look; what the ring still held is counted and reported to the next receiver; other links go on |
//! | death during the handshake | an end of file; nothing is left but the socket's path |
//! | stale socket path | the next process that binds it takes it over, under a lock |
//! | restart | a new connection, a new link number; the memory that this side had for the last one is cleared and reused |
//! | slow peer, `SIGSTOP`, debugger | nothing is freed; the sender sees a full ring and its policy acts |
//! | corrupt words, hostile peer | the link is closed, counted and logged once |
//!
//! Delivery is at most once, in order per link. There are no locks in shared memory.
//!
//! # What a hostile peer can do
//!
//! It can send valid nonsense, stall, flood, and leave. It cannot make this process read or write out of bounds, receive a
//! `SIGBUS`, panic, or wait: every word of its half is read once, checked, and then used from the private copy; sizes come
//! from the handshake and are bounded by this side; messages are copied out before they are looked at. Nor can it make this
//! process allocate memory by reconnecting again and again: an end makes only as many halves as it has connections at the
//! same time.

mod channel;
mod half_pool;
mod packet;

mod handshake;

mod tx;

mod rx;
#[cfg(test)]
mod tests;

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

/// The options of one end of a link over shared memory.
///
/// ```
/// use mycelium_rt::shm::ShmOptions;
///
/// let options = ShmOptions { slots: 4096, ..ShmOptions::default() };
/// assert!(!options.spin);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShmOptions {
    /// The number of messages that the ring of a link holds. An input uses the rings of its peers.
    pub slots: usize,
    /// This end never sleeps, so its peer need not check whether to wake it: that saves a fence per flush. An input with
    /// this option spins even in [`wait`](ShmInput::wait).
    pub spin: bool,
}

impl Default for ShmOptions {
    fn default() -> Self {
        Self { slots: 1024, spin: false }
    }
}

/// An input over shared memory.
///
/// What a peer had committed to its ring when it ended, however it ended, is delivered; what it had not committed does not
/// exist. Bodies are delivered as private copies. Memory is one mapping per peer, of the size that the handshake allows, and
/// one buffer for its largest message. Delivering allocates nothing and makes no system call, except to wake a sender that
/// sleeps on a full ring, and to look at the sockets about every 500 µs. [`wait`](Input::wait) spins for 20 µs and then
/// sleeps, unless the input was told to [spin](ShmOptions::spin).
///
/// There is an example at [`ShmLink`].
pub type ShmInput = Input<Shm>;

impl ShmInput {
    /// Binds the path and listens.
    ///
    /// # Errors
    /// An address that is invalid or in use; messages that do not fit into a handshake.
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
