//! What the fuzz targets do with bytes of a peer, and bytes that get far. The test `fuzz_seeds` of `mycelium-rt` does the same with
//! the seeds and with small changes to them.
//!
//! Each module has `run`, which says how far the bytes got and panics where a promise is broken, and `seeds`.
#![forbid(unsafe_code)]

pub mod frames;
pub mod handshake;
pub mod shm;
pub mod stream;

mod common;
