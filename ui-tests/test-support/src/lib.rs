//! Test-only code that needs `unsafe`: a counting allocator.

pub mod allocations;
