use clap::Args;

use super::output::{Out, Result, Verdict};

/// The JSON Schema of contract files.
pub(super) const SCHEMA: &str = include_str!("../../schema/contracts.schema.json");

/// Print the JSON Schema of contract files, for completion in editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium schema > contracts.schema.json

Editors with the YAML language server use it in files that begin with
  # yaml-language-server: $schema=contracts.schema.json")]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        out.print(SCHEMA);
        Ok(Verdict::Fine)
    }
}
