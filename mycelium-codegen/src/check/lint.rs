//! Findings that never fail a build: missing docs, unusual names, domains without a declaration.

use super::Checker;
use super::declared::Declared;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::names;
use crate::parse::decl::{MessageDecl, TypeBody, TypeDecl};
use crate::source::Spanned;
use crate::suggest::did_you_mean;

impl Checker<'_> {
    pub(super) fn lints(&mut self, declared: &Declared) {
        for decl in &declared.types {
            self.type_lints(decl);
        }
        for decl in &declared.messages {
            self.message_lints(decl);
            self.domain_lint(decl, declared);
        }
    }

    fn type_lints(&mut self, decl: &TypeDecl) {
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

    fn message_lints(&mut self, decl: &MessageDecl) {
        if decl.doc.is_none() {
            self.missing_doc(&decl.name, format!("message `{}` has no doc", decl.name.value));
        }
        let bare: Vec<&Spanned<String>> =
            decl.fields.iter().filter(|field| field.doc.is_none()).map(|field| &field.name).collect();
        match bare.as_slice() {
            [] => {}
            [only] => self.missing_doc(only, format!("field `{}` of `{}` has no doc", only.value, decl.name.value)),
            [first, ..] => {
                let text =
                    format!("{} fields of `{}` have no doc, `{}` first", bare.len(), decl.name.value, first.value);
                self.missing_doc(first, text);
            }
        }
        self.camel(&decl.name, "message");
        decl.fields.iter().for_each(|field| self.snake(&field.name));
    }

    fn domain_lint(&mut self, decl: &MessageDecl, declared: &Declared) {
        let Some(domain) = decl.domain.as_ref().filter(|_| !declared.domains.is_empty()) else { return };
        let known = declared.domains.iter().map(|(name, _)| name.as_str());
        if !known.clone().any(|name| name == domain.value) {
            let message = format!("domain `{}` is not declared under `domains:`", domain.value);
            let help = did_you_mean(&domain.value, known);
            self.error(Finding::new(Code::UnknownDomain, domain.span, message).maybe_help(help));
        }
    }

    fn missing_doc(&mut self, name: &Spanned<String>, message: String) {
        self.error(
            Finding::new(Code::MissingDoc, name.span, message)
                .help("add `doc:`; it becomes the docs of the generated code"),
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
