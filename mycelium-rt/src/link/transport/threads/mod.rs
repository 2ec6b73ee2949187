//! Links between two threads of one process: a ring, with the policies and counters of a link.

mod receiver;
mod sender;
mod spec;

pub use receiver::RingReceiver;
pub(crate) use sender::Others;
pub use sender::RingSender;
#[cfg(feature = "tokio")]
pub(crate) use sender::Unchecked;
pub use spec::RingSpec;

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<RingSender>();
    is_send::<RingReceiver>();
};
