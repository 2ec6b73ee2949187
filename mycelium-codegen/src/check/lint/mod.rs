//! Lints: findings that don't fail a build unless the contract denies them, and the levels that it sets for them.

mod message;
mod padding;
mod types;

use super::Checker;
use super::declared::Declared;
use crate::code::{Code, Severity};
use crate::diagnostic::Finding;
use crate::facts::Facts;
use crate::layout::MessageLayout;
use crate::names;
use crate::parse::decl::{Level, MessageDecl, TypeBody, TypeDecl};
use crate::source::Spanned;

impl Checker<'_> {
    pub(super) fn lints(&mut self, declared: &Declared, facts: &Facts, layouts: &[MessageLayout]) {
        for (at, decl) in declared.types.iter().enumerate() {
            self.type_names(decl);
            self.type_lints(at, decl, facts);
        }
        self.unused_types(declared);
        for (at, decl) in declared.messages.iter().enumerate() {
            self.message_names(decl);
            self.message_lints(at, decl, facts, layouts);
            self.domain_lints(decl, declared);
        }
    }

    fn type_names(&mut self, decl: &TypeDecl) {
        if decl.doc.is_none() {
            self.missing_doc(&decl.name, format!("type `{}` has no doc", decl.name.value));
        }
        self.camel(&decl.name, "type");
        match &decl.body {
            Some(TypeBody::Enum { variants: values, .. } | TypeBody::Flags { bits: values, .. }) => {
                values.iter().for_each(|value| self.camel(&value.name, "variant"));
            }
            Some(TypeBody::Struct(members)) => members.iter().for_each(|member| self.snake(&member.name)),
            Some(TypeBody::Oneof(variants)) => {
                for variant in variants {
                    self.camel(&variant.name, "variant");
                    variant.members.iter().for_each(|member| self.snake(&member.name));
                }
            }
            _ => {}
        }
    }

    fn message_names(&mut self, decl: &MessageDecl) {
        self.message_docs(decl);
        self.camel(&decl.name, "message");
        decl.fields.iter().for_each(|field| self.snake(&field.name));
    }

    /// One finding for a message and all of its fields.
    fn message_docs(&mut self, decl: &MessageDecl) {
        let name = &decl.name.value;
        let mut bare = decl.fields.iter().filter(|field| field.doc.is_none()).map(|field| &field.name);
        let (first, more) = (bare.next(), bare.count());
        match (decl.doc.is_none(), first) {
            (false, None) => {}
            (true, None) => self.missing_doc(&decl.name, format!("message `{name}` has no doc")),
            (false, Some(first)) if more == 0 => {
                self.missing_doc(first, format!("field `{}` of `{name}` has no doc", first.value));
            }
            (false, Some(first)) => {
                let text = format!("{} fields of `{name}` have no doc; the first is `{}`", more + 1, first.value);
                self.missing_doc(first, text);
            }
            (true, Some(first)) => {
                let text = match more {
                    0 => format!("message `{name}` and its field `{}` have no doc", first.value),
                    more => format!(
                        "message `{name}` and {} of its fields have no doc; the first is `{}`",
                        more + 1,
                        first.value
                    ),
                };
                self.missing_doc(&decl.name, text);
            }
        }
    }

    fn missing_doc(&mut self, name: &Spanned<String>, message: String) {
        self.error(
            Finding::new(Code::MissingDoc, name.span, message)
                .help("add a `doc`, which becomes the documentation of the generated code"),
        );
    }

    fn camel(&mut self, name: &Spanned<String>, what: &str) {
        if names::problem(&name.value).is_none() && !names::is_camel_case(&name.value) {
            let message = format!("{what} `{}` is not in UpperCamelCase", name.value);
            self.error(Finding::new(Code::UnusualCase, name.span, message));
        }
    }

    fn snake(&mut self, name: &Spanned<String>) {
        if names::problem(&name.value).is_none() && !names::is_snake_case(&name.value) {
            let message = format!("field `{}` is not in snake_case", name.value);
            self.error(Finding::new(Code::UnusualCase, name.span, message));
        }
    }
}

/// Removes the lints that are allowed, and marks those that are denied. The file of a finding decides first, then the root file.
pub(crate) fn apply_levels(declared: &Declared, findings: &mut Vec<Finding>) {
    if declared.levels.is_empty() {
        return;
    }
    findings.retain_mut(|finding| {
        let level = level(declared, finding).filter(|_| finding.severity() == Severity::Lint);
        finding.denied = level == Some(Level::Deny);
        level != Some(Level::Allow)
    });
}

fn level(declared: &Declared, finding: &Finding) -> Option<Level> {
    let said_in = |wanted| {
        let mut said = declared.levels.iter().filter(|(file, code, _)| (*file, *code) == (wanted, finding.code));
        said.next().map(|(_, _, level)| *level)
    };
    finding.place().and_then(|span| said_in(span.file)).or_else(|| said_in(declared.root?))
}
