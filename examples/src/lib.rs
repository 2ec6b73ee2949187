//! Worked examples of Mycelium.
#![forbid(unsafe_code)]
