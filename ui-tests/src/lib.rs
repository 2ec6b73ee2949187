//! Tests of what users see; everything is under `tests/`.
#![forbid(unsafe_code)]
