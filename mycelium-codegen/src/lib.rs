//! The schema compiler of Mycelium: it turns `contracts.yaml` into Rust code.
//!
//! A contract declares the messages that programs send to each other, and the types of their fields. A build script compiles the
//! contract of its crate with one call:
//!
//! ```no_run
//! // in `main` of build.rs
//! mycelium_codegen::compile("contracts.yaml");
//! ```
//!
//! The crate includes the generated code with `mycelium_rt::include_contracts!();`. [`Builder`] changes the defaults of [`compile`],
//! and returns the code to callers that store it themselves.
//!
//! Tests and tools call the functions of this crate without a build script:
//!
//! - [`check`] and [`lints`] check a contract, and write nothing.
//! - [`lock`] records what a contract promises to programs that exist, and compares contracts with each other.
//!
//! All mistakes of a contract come in one [`Report`]. It prints each mistake at its place in the file, and lists all of them as
//! [`Diagnostic`]s.
//!
//! ```
//! let path = std::env::temp_dir().join("mycelium-crate-example.yaml");
//! std::fs::write(&path, "messages: { Bar: { id: 1, fields: { close: u65 } } }")?;
//! let report = mycelium_codegen::check(&path).unwrap_err();
//! let found = &report.diagnostics()[0];
//! assert_eq!((found.code(), found.line(), found.message()), ("MYC0014", 1, "unknown type `u65`"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The crate contains no unsafe code, and never panics on a contract, whatever it contains. A file is read completely or not at all, up
//! to 16 MiB, and only if it is a regular file.
#![forbid(unsafe_code)]

// In the order in which data passes through them: from files to text, then the comparison of versions, then what all of them use.
mod builder;
mod compiled;
mod files;
mod load;
mod source;

mod yaml;

#[expect(missing_docs, reason = "the names suffice, and only the command sees these")]
mod keys;
#[expect(missing_docs, reason = "the names suffice, and only the command sees these")]
mod rules;

mod parse;

mod check;

#[expect(missing_docs, reason = "the names suffice, and only the command sees these")]
mod model;

mod digest;
mod facts;
mod layout;
mod write;

mod evolution;
pub mod lock;

mod code;
mod diagnostic;
mod names;
mod number;
mod prose;
mod report;
mod suggest;

#[doc(hidden)]
pub mod internal;

pub use builder::Builder;
pub use code::{Category, Severity};
pub use report::{Diagnostic, Related, Report};

use std::path::Path;

/// Compiles a contract file from a build script.
///
/// `path` is relative to the crate's `Cargo.toml`. The generated code is written to `$OUT_DIR/contracts.rs`, where
/// `mycelium_rt::include_contracts!()` finds it. [`Builder`] changes these names. If the contract has a [`lock`], it is compared
/// with it. Cargo runs the build script again when the contract, an import or the lock changes.
///
/// Mistakes in the contract don't fail the build script. The generated file then contains one `compile_error!` with the [`Report`], all
/// valid messages, and a stub for each other one, so that the report is the only error. A file that can't be read or written is
/// reported by `cargo::error=`, and ends the process with exit code 1. Lints are reported by `cargo::warning=`.
///
/// ```no_run
/// mycelium_codegen::compile("contracts.yaml");
/// ```
pub fn compile(path: impl AsRef<Path>) {
    Builder::new().compile(path);
}

/// Checks a contract file, and compares it with its lock if it has one. `path` is relative to the current directory.
///
/// # Errors
/// A report with all mistakes in the file and its imports, and every WIRE break; or that the file can't be read.
///
/// ```
/// let path = std::env::temp_dir().join("mycelium-check-example.yaml");
/// std::fs::write(&path, "messages: { Bar: { id: 1, fields: { close: u64 } } }")?;
/// assert!(mycelium_codegen::check(&path).is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn check(path: impl AsRef<Path>) -> Result<(), Report> {
    lints(path).map(drop)
}

/// Like [`check`], and returns the lints of a valid contract, such as messages without a doc.
///
/// # Errors
/// The same as for [`check`].
///
/// ```
/// let path = std::env::temp_dir().join("mycelium-lints-example.yaml");
/// std::fs::write(&path, "messages: { Bar: { id: 1, fields: {} } }")?;
/// let lints = mycelium_codegen::lints(&path).unwrap();
/// assert_eq!(lints[0].message(), "message `Bar` has no doc");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn lints(path: impl AsRef<Path>) -> Result<Vec<Diagnostic>, Report> {
    let path = path.as_ref();
    let compiled = compiled::Compiled::read(Path::new(""), path);
    match compiled.report(path) {
        Some(report) => Err(report),
        None => Ok(compiled.lints()),
    }
}
