//! What differs between the kinds of links: byte streams over Unix and TCP sockets (plain, or with TLS), and rings in shared
//! memory. Between threads (`threads`) there is a ring and no handshake, so only its sending end is generic: it is a `SendEnd`.
//!
//! A kind of link between processes is a [`Transport`]. Its sending end finds a peer ([`Dial`]) and passes messages on to it
//! ([`Transmit`]); its receiving end is a [`RecvEnd`]. Everything else that links and inputs do is the same for all kinds, in
//! [`Link`](super::Link) and [`Input`](super::Input).

pub mod receive;
pub mod transmit;

// Between threads.
pub(crate) mod threads;

// Sockets: what waits for many of them, the two address families, the streams over both, and their encryption. Shared memory uses
// `readiness` and `unix` as well, for its control sockets.
#[cfg(any(feature = "net", feature = "shm"))]
pub(crate) mod readiness;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(all(unix, any(feature = "net", feature = "shm")))]
pub(crate) mod unix;

#[cfg(feature = "net")]
pub(crate) mod stream;

#[cfg(feature = "net")]
pub(crate) mod tls;

// Shared memory. A model build has none.
#[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable), not(all(test, mycelium_loom))))]
pub mod shm;

use super::{Address, Config, InputSpec, LinkError, LinkSpec};
use crate::wire::Hello;
use receive::RecvEnd;
use transmit::Transmit;

pub use super::delivery::{Admitted, Deliver, Taken};
pub use super::sender::{Flushed, Unflushed};
pub use super::unknown::Welcome;
pub use transmit::{Dial, Failure, Progress};

/// A kind of link between processes.
pub trait Transport {
    /// The options of one end, besides those that all kinds have.
    type Options: Copy + Default;
    /// The sending end.
    type Tx: Transmit;
    /// The receiving end.
    type Rx: RecvEnd;

    /// Makes a sending end, at first without a peer: it will look for one at `address`, and say `hello`.
    ///
    /// # Errors
    /// An address that is of another kind, or insecure; options that are not supported.
    fn dial(
        spec: &LinkSpec,
        address: &Address,
        options: Self::Options,
        hello: Hello,
        config: &Config,
    ) -> Result<Self::Tx, LinkError>;

    /// Binds `address` and listens there for peers of an input that answers with `hello`.
    ///
    /// # Errors
    /// An address that is of another kind, insecure or in use; any other error of the system.
    fn accept(
        spec: &InputSpec,
        address: &Address,
        options: Self::Options,
        hello: &Hello,
        config: &Config,
    ) -> Result<Self::Rx, LinkError>;
}
