//! Links over shared memory between processes of one host.
//!
//! Each process makes one sealed, anonymous piece of memory per link, its *half*, and is the only one that can write to it; the peer
//! maps it read-only. Descriptors go over a Unix socket that stays open as long as the link. There are no names in `/dev/shm`, so
//! nothing is left behind after a crash but the socket's path, which the next [`ShmInput`] that binds it takes over.
//!
//! # What happens when
//!
//! | event | result |
//! |---|---|
//! | the sender dies within a message | the message was never committed and does not exist; what was committed is delivered |
//! | the sender dies after a message | it is delivered: the receiver's mapping keeps the memory |
//! | the receiver dies | the link drops within a fraction of a millisecond of the sender's next look; what the ring still held is counted, and the next receiver is told; other links go on |
//! | death during the handshake | an end of file; nothing is left but the socket's path |
//! | stale socket path | whoever binds next takes it over, under a lock |
//! | restart | a new connection, a new link number; memory that this side had for the last one is emptied and used again |
//! | slow peer, `SIGSTOP`, debugger | nothing is freed; the sender sees a full ring and its policy acts |
//! | corrupt words, hostile peer | the link is closed, counted and logged once |
//!
//! Delivery is at most once, in order per link. There are no locks in shared memory.
//!
//! # What a hostile peer can do
//!
//! It can send valid nonsense, stall, flood, and leave. It cannot make this process read or write out of bounds, take a `SIGBUS`,
//! panic, or wait: every word of its half is read once, checked, and then used from the private copy; sizes come from the handshake and
//! are bounded by this side; messages are copied out before they are looked at. Nor can it make this process allocate by coming again and
//! again: an end makes as many halves as it has connections at the same time.

pub(crate) mod credentials;
pub(crate) mod half;
pub(crate) mod header;

pub use crate::link::transport::shm::{Shm, ShmInput, ShmLink, ShmOptions};
