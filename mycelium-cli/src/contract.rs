//! The contract file that a command works on.

use std::path::Path;

use mycelium_codegen::internal::compiled::Compiled;
use mycelium_codegen::{Diagnostic, Severity};
use serde_json::{Value, json};

use super::output::{Result, Stop, failure};

/// The default contract file.
pub(super) const DEFAULT: &str = "contracts.yaml";

/// Reads a contract file, which may have mistakes.
pub(super) fn read(path: &Path) -> Result<Compiled> {
    let compiled = Compiled::read(Path::new(""), path);
    match &compiled.failure {
        Some(error) => Err(failure(format_args!("can't read `{}`: {error}", path.display()))),
        None => Ok(compiled),
    }
}

/// Reads a contract file that must be valid.
pub(super) fn read_valid(path: &Path) -> Result<Compiled> {
    let compiled = read(path)?;
    match compiled.report(path) {
        Some(_) => Err(Stop::Findings(compiled.drawn(Severity::Error) + "\n")),
        None => Ok(compiled),
    }
}

/// A finding as JSON.
pub(super) fn diagnostic_json(found: &Diagnostic) -> Value {
    let severity = if found.severity() == Severity::Error { "error" } else { "lint" };
    let related = found
        .related()
        .iter()
        .map(|place| json!({ "path": place.path, "line": place.line, "column": place.column, "label": place.label }));
    json!({
        "code": found.code(),
        "severity": severity,
        "category": found.category().map(|category| category.as_str()),
        "message": found.message(),
        "path": found.path(),
        "line": found.line(),
        "column": found.column(),
        "note": found.note(),
        "help": found.help(),
        "related": related.collect::<Vec<_>>(),
    })
}
