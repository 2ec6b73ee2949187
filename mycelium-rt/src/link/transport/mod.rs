//! What differs between the kinds of links: byte streams over Unix and TCP sockets (plain, or by TLS), and rings in shared memory. Between
//! threads (`threads`) there is a ring and no handshake, so that only its sending end is one of these: a
//! `SendEnd`.
//!
//! A kind of link between processes is a [`Transport`]. Its sending end finds a peer ([`Dial`](super::connection::Dial)) and passes messages on to it
//! ([`Transmit`]); its receiving end is a [`RecvEnd`]. All else that links and inputs do is the same for all kinds, and stands in
//! [`Link`](super::Link) and [`Input`](super::Input).

pub(crate) mod readiness;
pub mod receive;
// A model build has no shared memory.
#[cfg(not(all(test, mycelium_loom)))]
pub mod shm;
pub(crate) mod stream;
pub(crate) mod tcp;
pub(crate) mod threads;
pub(crate) mod tls;
pub mod transmit;
pub(crate) mod unix;

use super::{Address, Config, InputSpec, LinkError, LinkSpec};
use crate::wire::Hello;
use receive::RecvEnd;
use transmit::Transmit;

pub use super::connection::{Dial, Failure, Progress};
pub use super::delivery::Deliver;
pub use super::send_end::{Flushed, Unflushed};
pub use super::taken::{Admitted, Taken};
pub use super::unknown::Welcome;

/// A kind of link between processes.
pub trait Transport {
    /// What can be chosen about one end besides what all kinds have.
    type Options: Copy + Default;
    /// The end that messages go into.
    type Tx: Transmit;
    /// The end that messages come out of.
    type Rx: RecvEnd;

    /// The end that messages go into, at first without a peer: it will look for one at `address`, and has `hello` to say.
    ///
    /// # Errors
    /// An address that is of another kind, or insecure; options that cannot be had.
    fn dial(
        spec: &LinkSpec,
        address: &Address,
        options: Self::Options,
        hello: Hello,
        config: &Config,
    ) -> Result<Self::Tx, LinkError>;

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
