//! What differs between the kinds of links: byte streams over Unix and TCP sockets (plain, or by TLS), rings in shared memory, rings
//! between threads.

// A model build has no shared memory.
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) mod shm;
pub(crate) mod stream;
pub(crate) mod tcp;
pub(crate) mod threads;
pub(crate) mod tls;
pub(crate) mod unix;
