use std::path::{Path, PathBuf};

use clap::Args;
use mycelium_codegen::Diagnostic;
use mycelium_codegen::internal::lock::{self, Update};
use serde_json::{Value, json};

use super::contract;
use super::output::{self, Format, Out, Result, Stop, Verdict, bad, good, strong};

/// Write the lock of a contract, with which later changes are compared
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium lock                        (writes contracts.lock; commit it)
  mycelium lock --check                (in CI)
  mycelium lock --break Bar            (accepts that old and new programs can't exchange `Bar`)

A change that breaks the wire is refused unless `--break` names its message. Accepted breaks need new versions in `schema:`.")]
pub(super) struct Lock {
    /// The contract file; its lock is beside it
    #[arg(default_value = contract::DEFAULT)]
    file: PathBuf,
    /// Accept WIRE breaks of this message; `schema` accepts those that affect all messages
    #[arg(long = "break", value_name = "MESSAGE")]
    breaks: Vec<String>,
    /// Write nothing, and report whether the lock is up to date
    #[arg(long)]
    check: bool,
    /// The format of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Lock {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        output::read(&self.file)?;
        let breaks: Vec<&str> = self.breaks.iter().map(String::as_str).collect();
        let update = lock::prepare(Path::new(""), &self.file, &breaks);
        let is_refused = update.is_refused();
        let is_due = !is_refused && update.is_due();
        self.report(&update, is_refused, is_due, out);
        if !is_refused && !self.check {
            update.write().map_err(|report| Stop::Failure(report.to_string()))?;
        }
        Ok(Verdict::found(is_refused || self.check && is_due))
    }

    fn report(&self, update: &Update, is_refused: bool, is_due: bool, out: &mut Out) {
        if self.format == Format::Json {
            let list = |found: Vec<Diagnostic>| found.iter().map(contract::diagnostic_json).collect::<Value>();
            return out.json(&json!({
                "path": update.path.display().to_string(),
                "due": is_due,
                "refused": list(update.refused()),
                "accepted": list(update.accepted()),
            }));
        }
        let drawn = update.drawn();
        if !drawn.is_empty() {
            out.print(drawn + "\n\n");
        }
        let state = match (is_refused, is_due, self.check) {
            (true, ..) => bad("not written"),
            (_, true, true) => bad("out of date; run `mycelium lock`"),
            (_, true, false) => good("written"),
            _ => good("up to date"),
        };
        out.line(format_args!("{}: {state}", strong(update.path.display())));
    }
}
