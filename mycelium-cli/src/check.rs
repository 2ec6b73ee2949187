use std::path::{Path, PathBuf};

use clap::Args;
use mycelium_codegen::internal::compiled::Compiled;
use mycelium_codegen::{Diagnostic, Severity};
use serde_json::json;

use super::contract;
use super::output::{Format, Out, Result, Verdict, bad, count, good, strong};

/// Report every mistake and every lint in contract files
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium check
  mycelium check contracts/market.yaml contracts/game.yaml
  mycelium check --deny-lints --format json > findings.json")]
pub(super) struct Check {
    /// The contract files; their imports are checked with them
    #[arg(default_value = contract::DEFAULT)]
    files: Vec<PathBuf>,
    /// Count lints as findings: the exit code is 1 if there are any
    #[arg(long)]
    deny_lints: bool,
    /// Report no lints
    #[arg(long, conflicts_with = "deny_lints")]
    no_lints: bool,
    /// The format of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Check {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let mut all = Vec::new();
        for path in &self.files {
            let compiled = contract::read(path)?;
            let mut found = compiled.diagnostics();
            found.retain(|found| !self.no_lints || found.severity() == Severity::Error);
            if self.format == Format::Text {
                let lints = (!self.no_lints).then_some(Severity::Lint);
                for severity in [Some(Severity::Error), lints].into_iter().flatten() {
                    draw(&compiled, severity, out);
                }
                out.line(Self::summary(path, &compiled.schema, &found));
            }
            all.extend(found);
        }
        let (errors, lints) = (errors(&all), all.len() - errors(&all));
        if self.format == Format::Json {
            let diagnostics: Vec<_> = all.iter().map(contract::diagnostic_json).collect();
            out.json(&json!({ "errors": errors, "lints": lints, "diagnostics": diagnostics }));
        }
        Ok(Verdict::found(errors > 0 || self.deny_lints && lints > 0))
    }

    fn summary(path: &Path, schema: &mycelium_codegen::internal::model::Schema, found: &[Diagnostic]) -> String {
        let errors = errors(found);
        let lints = found.len() - errors;
        let path = strong(path.display());
        let lints = match lints {
            0 => String::new(),
            lints => format!(", {}", count(lints, "lint")),
        };
        match errors {
            0 => {
                let (messages, types) = (count(schema.messages.len(), "message"), count(schema.types.len(), "type"));
                format!("{path}: {}, {messages}, {types}{lints}", good("valid"))
            }
            errors => format!("{path}: {}{lints}", bad(count(errors, "error"))),
        }
    }
}

fn draw(compiled: &Compiled, severity: Severity, out: &mut Out) {
    let drawn = compiled.drawn(severity);
    if !drawn.is_empty() {
        out.print(drawn + "\n\n");
    }
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|found| found.severity() == Severity::Error).count()
}
