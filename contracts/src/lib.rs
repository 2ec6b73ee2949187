//! The messages of the worked examples, generated from `contracts.yaml`.
#![forbid(unsafe_code)]
