//! The schema compiler of Mycelium: `contracts.yaml` → checked model → Rust text.
//!
//! A build script compiles the contracts of its crate with one call:
//!
//! ```no_run
//! // in `main` of build.rs
//! mycelium_codegen::compile("contracts.yaml");
//! ```
//!
//! and the crate includes what comes out with `mycelium_rt::include_contracts!();`.
//!
//! Modules are listed in the order in which data passes through them.
#![forbid(unsafe_code)]

mod builder;
mod compiled;
mod files;
mod load;
mod source;

mod yaml;

#[expect(missing_docs, reason = "the names say it, and only the command sees these")]
mod keys;
#[expect(missing_docs, reason = "the names say it, and only the command sees these")]
mod rules;

mod parse;

mod check;

#[expect(missing_docs, reason = "the names say it, and only the command sees these")]
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
/// `path` is relative to the crate's `Cargo.toml`. The generated code goes to `$OUT_DIR/contracts.rs`, where
/// `mycelium_rt::include_contracts!()` finds it; [`Builder`] changes the names.
///
/// Mistakes in the contracts don't fail the build script: the generated file then holds one `compile_error!` with the
/// [`Report`], all messages that are fine, and a stub for each that is not, so that one clean report is all that is seen.
/// What can't be read or written is reported by `cargo::error=`, and ends the process with 1. Lints are `cargo::warning=`s.
///
/// ```no_run
/// mycelium_codegen::compile("contracts.yaml");
/// ```
pub fn compile(path: impl AsRef<Path>) {
    Builder::new().compile(path);
}

/// Checks a contract file and writes nothing. `path` is relative to the current directory.
///
/// # Errors
/// All mistakes in the file and its imports, or that it can't be read.
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

/// Like [`check`], and returns what is worth a look, such as messages without a doc.
///
/// # Errors
/// As for [`check`].
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
