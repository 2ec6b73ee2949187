//! The docs of the schema and its messages, with what the older dialect adds.

use super::declared::Declared;
use crate::parse::decl::{File, MessageDecl};

/// What the files say of the schema as a whole.
pub(super) fn schema(files: &[File]) -> Option<String> {
    let paragraphs: Vec<&str> = files.iter().flat_map(|file| &file.invariants).map(String::as_str).collect();
    paragraphs_of(&paragraphs)
}

/// A message's doc, its domain, what is said in passing, and what has to come first.
pub(super) fn message(decl: &MessageDecl, declared: &Declared) -> Option<String> {
    let domain = decl.domain.as_ref().and_then(|domain| {
        declared.domains.iter().find(|known| known.name == domain.value).map(|known| known.doc.as_str())
    });
    let prior = (!decl.prior.is_empty()).then(|| {
        let names: Vec<String> = decl.prior.iter().map(|name| format!("`{}`", name.value)).collect();
        format!("Comes after {}.", names.join(", "))
    });
    let mut paragraphs: Vec<&str> = decl.doc.as_deref().into_iter().chain(domain).collect();
    paragraphs.extend(decl.remarks.iter().map(String::as_str));
    paragraphs.extend(prior.as_deref());
    paragraphs_of(&paragraphs)
}

fn paragraphs_of(paragraphs: &[&str]) -> Option<String> {
    (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
}
