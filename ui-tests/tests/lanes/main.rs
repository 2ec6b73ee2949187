//! How routers run on lanes.
#![forbid(unsafe_code)]

mod aborts;
mod after_errors;
mod after_panics;
mod between;
mod circles;
mod counted;
mod deadlines;
mod driven;
mod drops;
mod ends;
mod every_end;
mod fixture;
mod on_tokio;
mod one_thread;
mod panics;
mod start;
mod support;
mod tasks;
mod turn_order;
mod watched;
mod whole_turn;
