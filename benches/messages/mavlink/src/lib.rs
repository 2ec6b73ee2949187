//! Empty: the measured crate is its dependency.
