//! Worked examples of Mycelium on real input: [`market`] and [`game`].
//!
//! The services and the routers are in this library, so that every program, test and benchmark runs the same code. The
//! programs under `src/bin` only read arguments and print.
#![forbid(unsafe_code)]

pub mod game;
pub mod market;
pub mod program;
