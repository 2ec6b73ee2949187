//! The schema compiler of Mycelium: `contracts.yaml` → checked model → Rust text.
#![forbid(unsafe_code)]

mod model;
