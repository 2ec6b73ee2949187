//! What becomes of contracts, good and bad: code, errors, lints, locks.

mod bad_contracts;
mod contracts;
mod error_pages;
mod evolution;
mod generated;
mod hostile_files;
mod imports;
mod lints;
mod mutations;
