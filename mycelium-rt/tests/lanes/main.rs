//! Lanes, driven by systems that are written by hand.

mod drain;
mod schedule;
mod support;
