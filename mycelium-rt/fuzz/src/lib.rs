//! The fuzz targets, which read the bytes of a peer, and their seeds. The test `fuzz_seeds` of `mycelium-rt` runs them on the seeds and on small
//! changes to them.
//!
//! Each module has `run`, which returns how far the bytes got and panics if a guarantee is broken, and `seeds`.
#![forbid(unsafe_code)]

pub mod frames;
pub mod handshake;
pub mod shm;
pub mod stream;

mod common;
