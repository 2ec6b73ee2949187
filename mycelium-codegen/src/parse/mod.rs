//! The tree of one file → its declarations. Parsing continues after a mistake, so that one run reports all of them.

pub(crate) mod decl;
mod expr;
mod header;
pub(crate) mod message;
mod older;
pub(crate) mod reader;
mod types;

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::keys;
use crate::source::Spanned;
use crate::yaml::{Entry, Node};
use decl::File;
use reader::Reader;

/// Reads what one file declares.
pub(crate) fn parse(root: Node, findings: &mut Findings) -> File {
    let mut reader = Reader { findings };
    let mut file = File::default();
    if root.is_null() {
        let help = "start with `messages:`";
        reader.findings.push(Finding::new(Code::EmptyFile, root.span, "the contract file is empty").help(help));
        return file;
    }
    let start = root.span;
    let Some(entries) = reader.map(root, "a contract file") else { return file };
    file.start = Some(start);
    for Entry { key, value } in entries {
        match key.value.as_str() {
            "schema" => file.schema = reader.schema(value),
            "imports" => file.imports = reader.names(value, "`imports`", "a path"),
            "types" => file.types = reader.types(value),
            "messages" => {
                file.messages_key = Some(key.span);
                file.messages = reader.messages(value);
            }
            "reserved" => reader.reserved(value, &mut file),
            "lints" => file.levels = reader.levels(value),
            "tag_ranges" => file.tag_ranges = reader.tag_ranges(value),
            "domains" => file.domains = reader.domains(value),
            "invariants" => file.invariants = reader.invariants(value),
            _ => reader.unknown_key(&key, "a contract file", &keys::FILE),
        }
    }
    file
}

impl Reader<'_> {
    /// A list of names or paths.
    fn names(&mut self, node: Node, what: &str, item: &str) -> Vec<Spanned<String>> {
        let items = self.list(node, what).unwrap_or_default();
        items
            .into_iter()
            .filter_map(|node| self.text(node, item))
            .map(|text| Spanned::new(text.value, text.span))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::code::Code;
    use crate::keys::{FIELD, FILE, MESSAGE, TYPE};
    use crate::rules::RULES;

    /// The guide is the reference of contracts.
    #[test]
    fn the_guide_names_every_key_and_lint() {
        let guide = include_str!("../../../docs/contracts.md");
        let keys = [&FILE, &MESSAGE, &FIELD].into_iter().flat_map(|place| place.keys().map(|key| key.name));
        let lints = Code::LINTS.iter().map(|(name, _)| *name);
        for key in keys.chain(RULES.iter().map(|rule| rule.key)).chain(lints) {
            assert!(guide.contains(&format!("`{key}`")), "docs/contracts.md lacks `{key}`");
        }
        // The keys of types also appear in the form of each kind.
        for key in TYPE.keys().map(|key| key.name) {
            assert!([format!("`{key}`"), format!(" {key}: ")].iter().any(|it| guide.contains(it)), "no `{key}`");
        }
    }
}
