//! The contract file that a command works on.

use std::path::Path;

use annotate_snippets::Renderer;
use serde_json::{Value, json};

use super::output::{Result, Stop, failure};
use crate::code::Severity;
use crate::compiled::Compiled;
use crate::report::{self, Diagnostic};

/// The file that is meant where none is named.
pub(super) const DEFAULT: &str = "contracts.yaml";

/// Reads a contract file, whatever mistakes are in it.
pub(super) fn read(path: &Path) -> Result<Compiled> {
    let compiled = Compiled::read(Path::new(""), path);
    match &compiled.failure {
        Some(error) => Err(failure(format_args!("can't read `{}`: {error}", path.display()))),
        None => Ok(compiled),
    }
}

/// Reads a contract file that has to be without errors.
pub(super) fn read_valid(path: &Path) -> Result<Compiled> {
    let compiled = read(path)?;
    match compiled.report(path) {
        Some(_) => Err(Stop::Findings(drawn(&compiled, Severity::Error) + "\n")),
        None => Ok(compiled),
    }
}

/// The findings of one severity, each at its place in the file, with styles; empty where there are none.
pub(super) fn drawn(compiled: &Compiled, severity: Severity) -> String {
    let findings: Vec<_> = compiled.findings.iter().filter(|finding| finding.severity() == severity).collect();
    report::drawn(&Renderer::styled(), &compiled.sources, &findings)
}

/// The findings of a contract as data.
pub(super) fn diagnostics(compiled: &Compiled) -> Vec<Diagnostic> {
    compiled.findings.iter().map(|finding| Diagnostic::new(&compiled.sources, finding)).collect()
}

/// A finding for machines.
pub(super) fn diagnostic_json(found: &Diagnostic) -> Value {
    let severity = match found.severity() {
        Severity::Error => "error",
        Severity::Lint => "lint",
    };
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
