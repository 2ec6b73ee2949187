//! Memory that two processes share: a sealed, anonymous *half* for each, with the control words and slots of a ring in it.
//! [`shm`](crate::shm) says what a peer can and cannot do to it.

pub(crate) mod half;
