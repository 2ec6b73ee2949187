//! Test-only code that needs `unsafe`: a counting allocator, and hot functions under names that can be found in assembly.

pub mod allocations;
pub mod hot;
