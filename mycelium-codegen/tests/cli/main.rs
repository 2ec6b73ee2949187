//! The command `mycelium`, run as its users run it.

mod commands;
mod support;
