//! The command `mycelium`, run as its users run it.

mod bytes;
mod commands;
mod evolution;
mod hostile;
mod pages;
mod pictures;
mod starter;
mod support;
