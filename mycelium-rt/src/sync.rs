//! The synchronisation primitives of the ring: those of `std`, or loom's when a model runs.
//!
//! A model build has `--cfg mycelium_loom`. It is a cfg of our own since other crates change their shape under `--cfg loom`.

#[cfg(not(all(test, mycelium_loom)))]
mod primitives {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, fence};
    pub(crate) use std::sync::{Arc, Mutex};
}

#[cfg(all(test, mycelium_loom))]
mod primitives {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, fence};
    pub(crate) use loom::sync::{Arc, Mutex};
}

pub(crate) use primitives::{Arc, AtomicU32, AtomicU64, Mutex, fence};
pub(crate) use std::sync::atomic::Ordering;
