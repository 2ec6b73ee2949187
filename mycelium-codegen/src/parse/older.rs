//! Keys that only the older dialect has: some go into the docs, and some have no effect any more.

use super::decl::Domain;
use super::reader::{Reader, listing};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::Spanned;
use crate::yaml::{Entry, Node, Value};

impl Reader<'_> {
    /// `domains:` goes into the docs, with everything that it says about service levels and security.
    pub(super) fn domains(&mut self, node: Node) -> Vec<Domain> {
        let entries = self.map_or_nothing(node, "`domains`").unwrap_or_default();
        entries.into_iter().map(|Entry { key, value }| domain(key.value, value)).collect()
    }

    /// `invariants:` goes into the docs: a paragraph for each.
    pub(super) fn invariants(&mut self, node: Node) -> Vec<String> {
        let items = match node.value {
            Value::Map(entries) => entries.into_iter().map(|entry| entry.value).collect(),
            _ => self.list(node, "`invariants`").unwrap_or_default(),
        };
        items.iter().map(|item| format!("Invariant: {}", sentence(&facts(item)))).collect()
    }

    pub(super) fn sensitivity_remark(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar(scalar) if !node.is_null() => Some(format!("Sensitivity: {}.", one_line(&scalar.text))),
            _ => None,
        }
    }

    /// Any level but `none` and `public` must not be logged.
    pub(super) fn is_sensitive(&mut self, node: Node) -> bool {
        let level = self.text(node, "`sensitivity`");
        level.is_some_and(|level| !["none", "public"].contains(&level.value.to_lowercase().as_str()))
    }

    pub(super) fn no_effect(&mut self, key: &Spanned<String>) {
        self.no_effects(std::slice::from_ref(key));
    }

    pub(super) fn no_effects(&mut self, keys: &[Spanned<String>]) {
        let Some(first) = keys.first() else { return };
        let names: Vec<&str> = keys.iter().map(|key| key.value.as_str()).collect();
        let verb = if names.len() == 1 { "has" } else { "have" };
        let message = format!("{} {verb} no effect", listing(&names));
        self.findings.push(Finding::new(Code::NoEffect, first.span, message).help("remove it"));
    }
}

fn domain(name: String, node: Node) -> Domain {
    let facts = facts(&node);
    let ids = match &node.value {
        Value::Map(entries) => entries.iter().find(|entry| entry.key.value == "type_range"),
        _ => None,
    };
    let ids = ids.and_then(|entry| match &entry.value.value {
        Value::Scalar(scalar) => super::header::id_range(&scalar.text),
        _ => None,
    });
    let doc =
        if facts.is_empty() { format!("Domain `{name}`.") } else { format!("Domain `{name}`: {}", sentence(&facts)) };
    Domain { name, doc, ids }
}

/// The content of a node in one line: descriptions first and without a key, the rest as `key: value`.
fn facts(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Scalar(_) if node.is_null() => Vec::new(),
        Value::Scalar(scalar) => vec![one_line(&scalar.text)],
        Value::List(items) => vec![items.iter().flat_map(facts).collect::<Vec<_>>().join(", ")],
        Value::Map(entries) => {
            let bare = |entry: &&Entry| matches!(entry.key.value.as_str(), "name" | "description" | "doc");
            let (first, rest): (Vec<_>, Vec<_>) = entries.iter().partition(bare);
            let first = first.into_iter().flat_map(|entry| facts(&entry.value));
            let rest = rest
                .into_iter()
                .map(|entry| format!("{}: {}", one_line(&entry.key.value), facts(&entry.value).join("; ")));
            first.chain(rest).collect()
        }
    }
}

fn sentence(facts: &[String]) -> String {
    let text = facts.join("; ");
    if text.ends_with(['.', '!', '?']) { text } else { text + "." }
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
