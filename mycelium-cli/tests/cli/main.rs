//! The command `mycelium`, run as its users run it.

mod bytes;
mod commands;
mod editor_schema;
mod evolution;
mod hostile;
mod pages;
mod pictures;
mod rules;
mod starter;
mod support;
