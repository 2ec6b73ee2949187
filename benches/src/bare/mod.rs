//! The bare mechanisms of the machine as ports: what a path is made of, without the path.

pub mod ring;
pub mod socket;
