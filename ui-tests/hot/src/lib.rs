//! The hot function of the market example twice: as the router's, and as written by hand.
//!
//! Both have fixed symbol names, so that a test can compile this crate to assembly and compare them. It is a crate of its own, with those
//! files of the example that the function is made of, since all of them are compiled with optimizations for that test.

// The example's crate, as its users name it.
extern crate self as mycelium_examples;

#[path = "../../../examples/src/market"]
#[allow(missing_docs, dead_code)] // The example has the documentation, and uses the rest.
pub mod market {
    pub mod per_index;
    pub mod router;
    pub mod services;
}

pub mod chosen;
pub mod hot;
