//! What differs between the kinds of links: byte streams over Unix and TCP sockets (plain, or by TLS), rings in shared memory, rings
//! between threads.

pub(crate) mod readiness;
pub(crate) mod receive;
// A model build has no shared memory.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) mod shm;
pub(crate) mod stream;
pub(crate) mod tcp;
pub(crate) mod threads;
pub(crate) mod tls;
pub(crate) mod unix;

use super::{Address, Config, InputSpec, LinkError};
use crate::wire::Hello;
use receive::RecvEnd;

/// A kind of link between processes.
pub trait Transport {
    /// What can be chosen about one end besides what all kinds have.
    type Options: Copy + Default;
    /// The end that messages come out of.
    type Rx: RecvEnd;

    /// Binds `address`, and listens there for peers of an input that has `hello` to say.
    ///
    /// # Errors
    /// An address that is of another kind, insecure or in use; whatever else the system has against it.
    fn accept(
        spec: &InputSpec,
        address: &Address,
        options: Self::Options,
        hello: &Hello,
        config: &Config,
    ) -> Result<Self::Rx, LinkError>;
}
