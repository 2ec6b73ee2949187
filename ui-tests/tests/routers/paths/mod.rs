//! Routers that talk to each other, and to their own services through queues.
// Everything that a careful user might deny: no expansion may set it off.
#![deny(warnings, unused, missing_docs, unreachable_pub, missing_debug_implementations, clippy::all, clippy::pedantic)]

mod closing;
mod conditions;
mod failures;
mod gathered;
mod latest;
mod links;
mod paces;
mod polled;
mod queue;
mod schemas;
mod support;
mod tasks;
mod unknown;
