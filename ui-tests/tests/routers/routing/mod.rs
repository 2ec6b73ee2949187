//! What routers do.
// Everything that a careful user might deny: no expansion may set it off.
#![deny(warnings, unused, missing_docs, unreachable_pub, missing_debug_implementations, clippy::all, clippy::pedantic)]
#![allow(missing_debug_implementations)]

mod cascade;
mod conditions;
mod contracts;
mod dense;
mod driven;
mod errors;
mod hygiene;
mod lints;
mod local;
mod long;
mod request;
mod rooms;
mod services;
