//! The JSON Schema of contract files, generated from the tables of keys and rules.

mod document;
mod text;
mod value;

use clap::Args;

use super::output::{Out, Result, Verdict};

/// Print the JSON Schema of contract files, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium schema > contracts.schema.json

Editors with the YAML language server use it in files that start with
  # yaml-language-server: $schema=contracts.schema.json")]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        out.print(schema());
        Ok(Verdict::Fine)
    }
}

/// The JSON Schema of contract files.
pub(super) fn schema() -> String {
    text::of(&document::document())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use mycelium_codegen::internal::keys::{Dialect, FIELD, lint_names};
    use mycelium_codegen::internal::rules::RULES;

    #[test]
    fn the_schema_knows_the_lints_that_there_are() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let lints = schema["properties"]["lints"]["properties"].as_object().unwrap();
        assert!(lints.keys().eq(lint_names()));
    }

    #[test]
    fn the_schema_has_each_key_and_rule() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let meaning = |part: &str, key: &str| schema["$defs"][part]["properties"][key]["description"].as_str();
        for key in FIELD.keys().filter(|key| key.dialect == Dialect::Current) {
            let found = meaning("field", key.name).unwrap_or_else(|| panic!("field.{}", key.name));
            assert!(found.contains(key.meaning), "{found}");
        }
        for rule in &RULES {
            assert_eq!(meaning("older_rules", rule.key), Some(rule.meaning));
        }
    }
}
