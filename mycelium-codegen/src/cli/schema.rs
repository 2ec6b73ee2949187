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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    #[test]
    fn the_schema_knows_the_lints_that_there_are() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let patterns = schema["properties"]["lints"]["patternProperties"].as_object().unwrap();
        let names: Vec<&str> = Code::LINTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(patterns.keys().collect::<Vec<_>>(), [&format!("^({})$", names.join("|"))]);
    }
}
