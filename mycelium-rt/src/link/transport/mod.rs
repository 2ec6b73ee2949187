//! What differs between the kinds of links: byte streams over Unix and TCP sockets (plain, or by TLS), rings in shared memory, rings
//! between threads.

pub(crate) mod shm;
pub(crate) mod stream;
pub(crate) mod tcp;
pub(crate) mod threads;
pub(crate) mod tls;
pub(crate) mod unix;
