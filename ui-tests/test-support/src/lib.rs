//! Test-only support code.
