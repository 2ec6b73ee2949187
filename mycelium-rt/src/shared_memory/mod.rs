//! Memory that two processes share: a sealed, anonymous *half* for each, with the words and slots of a ring in it, and the credentials of the
//! sockets that its descriptors come by. What a peer can and cannot do to it is told in [`shm`](crate::shm).

pub(crate) mod credentials;
pub(crate) mod half;
pub(crate) mod header;
