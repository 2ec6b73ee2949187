//! The section `messages:`.

use super::decl::{FieldDecl, MessageDecl};
use super::reader::Reader;
use crate::keys;
use crate::source::Spanned;
use crate::yaml::{Entry, Node};

/// The keys of one message, before they are put together.
#[derive(Default)]
struct Parts {
    id: Option<(Spanned<String>, Option<Spanned<u16>>)>,
    topic: Option<(Spanned<String>, String)>,
    doc: Option<(Spanned<String>, String)>,
    fields: Option<Vec<FieldDecl>>,
    log_payload: Option<bool>,
    sensitive: bool,
    older_keys: Vec<Spanned<String>>,
}

impl Reader<'_> {
    pub(super) fn messages(&mut self, node: Node) -> Vec<MessageDecl> {
        let entries = self.map(node, "`messages`").unwrap_or_default();
        entries.into_iter().map(|Entry { key, value }| self.message(key, value)).collect()
    }

    fn message(&mut self, name: Spanned<String>, node: Node) -> MessageDecl {
        let mut decl = MessageDecl {
            name,
            id: None,
            topic: None,
            domain: None,
            doc: None,
            remarks: Vec::new(),
            prior: Vec::new(),
            fields: Vec::new(),
            redacted: false,
            deprecated: None,
        };
        if let Some(entries) = self.map(node, "a message") {
            let parts = self.message_parts(&mut decl, entries);
            self.assemble(&mut decl, parts);
        }
        decl
    }

    fn message_parts(&mut self, decl: &mut MessageDecl, entries: Vec<Entry>) -> Parts {
        let mut parts = Parts::default();
        for Entry { key, value } in entries {
            match key.value.as_str() {
                "id" | "tlv_type" => {
                    let id = self.small(value, "a message's id", 0);
                    self.once(&mut parts.id, key, id);
                }
                "topic" | "domain" => {
                    let Some(text) = self.text(value, "a topic") else { continue };
                    if key.value == "domain" {
                        decl.domain = Some(Spanned::new(text.value.clone(), text.span));
                    }
                    self.once(&mut parts.topic, key, text.value);
                }
                "doc" | "description" => {
                    if let Some(text) = self.prose(value, "a doc") {
                        self.once(&mut parts.doc, key, text);
                    }
                }
                "fields" => parts.fields = Some(self.fields(value)),
                "deprecated" => decl.deprecated = self.deprecation(value),
                _ => self.older_message_key(decl, &mut parts, key, value),
            }
        }
        parts
    }

    fn older_message_key(&mut self, decl: &mut MessageDecl, parts: &mut Parts, key: Spanned<String>, value: Node) {
        match key.value.as_str() {
            "schema_version" => {
                if let Some(version) = self.prose(value, "`schema_version`") {
                    decl.remarks.push(format!("Schema version: {version}."));
                }
            }
            "required_prior_messages" => {
                decl.prior = self.names(value, "`required_prior_messages`", "a message's name");
            }
            "sensitivity" => {
                if let Some(remark) = self.sensitivity_remark(&value) {
                    decl.remarks.push(remark);
                }
                parts.sensitive = self.is_sensitive(value);
            }
            "log_payload" => parts.log_payload = self.boolean(value, "`log_payload`"),
            "invariants" => decl.remarks.extend(self.invariants(value)),
            "rust_type" | "rkyv" | "serialization" => parts.older_keys.push(key),
            _ => self.unknown_key(&key, &format!("message `{}`", decl.name.value), &keys::MESSAGE),
        }
    }

    fn assemble(&mut self, decl: &mut MessageDecl, parts: Parts) {
        let place = format!("message `{}`", decl.name.value);
        match parts.id {
            Some((_, id)) => decl.id = id,
            None => self.missing_key(decl.name.span, &place, "id", "a number no other message has, such as `id: 1001`"),
        }
        match parts.fields {
            Some(fields) => decl.fields = fields,
            None => self.missing_key(decl.name.span, &place, "fields", "its fields, or `fields: {}` for none"),
        }
        decl.topic = parts.topic.map(|(_, topic)| topic);
        decl.doc = parts.doc.map(|(_, doc)| doc);
        // An explicit `log_payload` outweighs what the sensitivity suggests.
        decl.redacted = !parts.log_payload.unwrap_or(!parts.sensitive);
        self.no_effects(&parts.older_keys);
    }
}
