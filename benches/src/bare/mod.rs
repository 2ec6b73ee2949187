//! The bare mechanisms that paths use, as ports.

pub mod ring;
pub mod socket;
