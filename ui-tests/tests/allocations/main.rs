//! What allocates nothing once it runs. Each thread is counted by itself, so these tests run side by side.
#![forbid(unsafe_code)]

mod gathered;
mod lanes;
mod links;
mod rings;
mod routers;

use mycelium_test_support::allocations::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;
