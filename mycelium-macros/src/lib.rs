//! The macros of Mycelium. Use them through `mycelium-rt`, which re-exports them.
#![forbid(unsafe_code)]
