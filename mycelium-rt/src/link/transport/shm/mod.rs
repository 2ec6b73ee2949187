//! Links over shared memory: the handshake over a Unix socket, and a ring in the halves that both sides map. The memory itself, and what a
//! peer can and cannot do to it, is [`shm`](crate::shm).

mod channel;
mod dialing;
mod full;
mod greeting;
mod input;
mod link;
mod lobby;
mod options;
mod pacer;
mod packet;
mod peer;
mod spares;
#[cfg(test)]
mod tests;

pub use input::ShmInput;
pub use link::ShmLink;
pub use options::ShmOptions;

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<ShmLink>();
    is_send::<ShmInput>();
};
