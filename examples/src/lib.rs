//! Worked examples of Mycelium on real input: [`market`] and [`game`].
//!
//! The services and the routers live in this library, so that every program, test and benchmark runs the very same code;
//! the programs under `src/bin` only read arguments and print.
#![forbid(unsafe_code)]

pub mod game;
pub mod market;
pub mod program;
