//! The command `mycelium`, run as its users run it.

mod bytes;
mod commands;
mod evolution;
mod pictures;
mod support;
