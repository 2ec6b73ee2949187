//! What routers do.
#![forbid(unsafe_code)]

mod cascade;
