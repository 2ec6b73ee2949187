//! What routers do, and what meets them: the bus, and kinds of links.
#![forbid(unsafe_code)]

mod bus;
mod empty_messages;
mod fixtures;
mod paths;
mod routing;
// Where the macro looks for what it calls `toy`.
#[path = "../../../mycelium-rt/tests/links/toy.rs"]
mod toy;
mod toy_links;

use mycelium_test_support::allocations::CountingAllocator;

/// For the bus, which counts what one thread allocates.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;
