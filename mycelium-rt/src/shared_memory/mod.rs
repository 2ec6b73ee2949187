//! Memory that two processes share: a sealed, anonymous *half* for each, with the control words and slots of a ring in it, and the credentials
//! of the sockets that transfer its descriptors. [`shm`](crate::shm) says what a peer can and cannot do to it.

pub(crate) mod credentials;
pub(crate) mod half;
