//! Messages: their ids, names, fields and docs.

use std::collections::{HashMap, HashSet};

use super::Checker;
use super::declared::Declared;
use super::field::Newest;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Field, Message, TypeId};
use crate::names;
use crate::parse::decl::{File, MessageDecl};
use crate::source::{Span, Spanned};
use crate::suggest::did_you_mean;

impl Checker<'_> {
    /// Fills `schema.messages`, one for each declaration, in order.
    pub(super) fn messages(&mut self, declared: &Declared) {
        let names: HashSet<&str> = declared.messages.iter().map(|decl| decl.name.value.as_str()).collect();
        let given: HashSet<u16> = declared.messages.iter().filter_map(|decl| Some(decl.id.as_ref()?.value)).collect();
        let mut ids: HashMap<u16, (&str, Span)> = HashMap::new();
        // Stubs need ids as well, and equal ids would be a second error.
        let mut spare_ids = (0..=u16::MAX).rev().filter(|id| !given.contains(id));
        self.reserved_type_names(declared);
        for decl in &declared.messages {
            let mut id = decl.id.as_ref().map(|id| id.value);
            if let Some(written) = &decl.id {
                id = id.filter(|_| self.is_unique(written, &decl.name, &mut ids, &given));
                self.permitted_id(written, declared);
            }
            self.reserved_name(&decl.name, declared);
            self.prior(decl, &names);
            let mut message = self.message(decl, declared);
            message.id = id.or_else(|| spare_ids.next()).unwrap_or(0);
            self.schema.messages.push(message);
        }
    }

    fn message(&mut self, decl: &MessageDecl, declared: &Declared) -> Message {
        let mut newest = Newest { since: 1, span: None };
        let mut fields = Vec::with_capacity(decl.fields.len());
        for field in &decl.fields {
            fields.extend(self.field(field, &mut newest));
        }
        Message {
            name: decl.name.value.clone(),
            id: 0,
            topic: decl.topic.clone().unwrap_or_else(|| names::snake_case(&decl.name.value)),
            doc: message_doc(decl, declared),
            fields,
            redacted: decl.redacted,
            deprecated: decl.deprecated.clone(),
            broken: false,
        }
    }

    fn is_unique<'d>(
        &mut self,
        id: &Spanned<u16>,
        name: &'d Spanned<String>,
        ids: &mut HashMap<u16, (&'d str, Span)>,
        given: &HashSet<u16>,
    ) -> bool {
        let Some((first, span)) = ids.get(&id.value) else {
            ids.insert(id.value, (&name.value, id.span));
            return true;
        };
        let finding = Finding::new(Code::DuplicateId, id.span, format!("message id {} is used twice", id.value))
            .label(format!("used again by `{}`", name.value))
            .other(*span, format!("first used by `{first}`"));
        let help = free_id(id.value, given).map(|free| format!("{free} is free"));
        self.error(finding.maybe_help(help));
        false
    }

    /// Reports an id that is reserved or outside the tag ranges.
    fn permitted_id(&mut self, id: &Spanned<u16>, declared: &Declared) {
        if let Some(reserved) = declared.reserved_ids.iter().find(|range| range.value.contains(&id.value)) {
            let finding = Finding::new(Code::Reserved, id.span, format!("message id {} is reserved", id.value));
            self.error(
                finding
                    .label("reserved")
                    .other(reserved.span, "reserved here")
                    .help("choose another id: those of retired messages must not be reused"),
            );
        }
        let ranges = &declared.tag_ranges;
        let inside = |core: bool| {
            ranges.iter().find(|range| (range.name.value == "core") == core && range.ids.value.contains(&id.value))
        };
        if let Some(core) = inside(true) {
            let message = format!("message id {} is in the range `core`", id.value);
            let finding =
                Finding::new(Code::OutsideRange, id.span, message).other(core.ids.span, "reserved for the framework");
            self.error(finding.help("choose an id from another range"));
        } else if !ranges.is_empty() && inside(false).is_none() {
            let message = format!("message id {} is in none of the tag ranges", id.value);
            let mut finding = Finding::new(Code::OutsideRange, id.span, message).label("outside");
            if let Some(first) = ranges.first() {
                finding = finding.other(first.name.span, "the tag ranges");
            }
            self.error(finding.help("choose an id from one of them"));
        }
    }

    fn reserved_name(&mut self, name: &Spanned<String>, declared: &Declared) {
        if let Some(span) = declared.reserved_names.get(&name.value) {
            let finding = Finding::new(Code::Reserved, name.span, format!("the name `{}` is reserved", name.value));
            self.error(
                finding
                    .label("reserved")
                    .other(*span, "reserved here")
                    .help("choose another name: those of retired messages must not be reused"),
            );
        }
    }

    fn reserved_type_names(&mut self, declared: &Declared) {
        for (at, decl) in declared.types.iter().enumerate() {
            let before = self.findings.errors();
            self.reserved_name(&decl.name, declared);
            self.schema.types[at].broken |= self.findings.errors() > before;
        }
    }

    fn prior(&mut self, decl: &MessageDecl, names: &HashSet<&str>) {
        for prior in &decl.prior {
            if !names.contains(prior.value.as_str()) {
                let message = format!("message `{}` is not declared", crate::parse::reader::shorten(&prior.value));
                let help = did_you_mean(&prior.value, names.iter().copied());
                self.error(
                    Finding::new(Code::UnknownMessage, prior.span, message).label("not declared").maybe_help(help),
                );
            }
        }
    }

    /// Whether a field is read and written through methods.
    pub(super) fn has_accessor(&self, field: &Field) -> bool {
        field.optional || self.is_fallible(field)
    }

    /// Whether the setter of a field refuses some values.
    pub(super) fn is_fallible(&self, field: &Field) -> bool {
        field.rules.hide() || self.text_bound(&field.ty).is_some()
    }

    /// The index of a type by name.
    pub(super) fn type_named(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }
}

/// The next id after this one that no message has.
fn free_id(taken: u16, given: &HashSet<u16>) -> Option<u16> {
    (taken..=u16::MAX).find(|id| !given.contains(id))
}

/// The docs of the schema as a whole: the invariants of the older dialect.
pub(super) fn schema_doc(files: &[File]) -> Option<String> {
    let paragraphs: Vec<&str> = files.iter().flat_map(|file| &file.invariants).map(String::as_str).collect();
    paragraphs_of(&paragraphs)
}

/// The docs of a message: its doc, its domain, the remarks of the older dialect, and the messages that come before it.
fn message_doc(decl: &MessageDecl, declared: &Declared) -> Option<String> {
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
