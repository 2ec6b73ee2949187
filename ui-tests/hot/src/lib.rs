//! What one message costs: `route_bar` of the market example, and the same function written by hand, to be compared as assembly.
//!
//! Both have fixed symbol names, so that a test can compile this crate to assembly and compare them. It is a crate of its own, with those
//! files of the example that the function is made of, since all of them are compiled with optimizations for that test.
//!
//! It has the runtime with the feature `lanes`, so the router is one that can be started: what `start` needs must not make its direct calls
//! longer. The other features of the runtime add nothing to a router without links, inputs and tasks.

// The example's crate, as its users name it.
extern crate self as mycelium_examples;

#[path = "../../../examples/src/market"]
#[expect(missing_docs, reason = "the example has the documentation")]
pub mod market {
    pub mod per_index;
    pub mod router;
    pub mod services;
}

pub mod chosen;
pub mod hot;
