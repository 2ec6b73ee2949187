//! The section `messages:`, and the fields of messages.

use super::decl::{FieldDecl, MessageDecl, RuleDecl};
use super::reader::{Reader, shorten};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::keys;
use crate::rules::{RULES, Rule};
use crate::source::Spanned;
use crate::suggest::did_you_mean;
use crate::yaml::{Entry, Node, Value};

/// The reason of a deprecation that gives none.
pub(crate) const NO_REASON: &str = "no longer used";

/// The keys of one message, before the message is assembled.
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
            None => {
                self.missing_key(decl.name.span, &place, "id", "an id that no other message has, such as `id: 1001`")
            }
        }
        match parts.fields {
            Some(fields) => decl.fields = fields,
            None => self.missing_key(decl.name.span, &place, "fields", "its fields, or `fields: {}` for none"),
        }
        decl.topic = parts.topic.map(|(_, topic)| topic);
        decl.doc = parts.doc.map(|(_, doc)| doc);
        // An explicit `log_payload` overrides the sensitivity.
        decl.redacted = !parts.log_payload.unwrap_or(!parts.sensitive);
        self.no_effects(&parts.older_keys);
    }
}

/// Fields: the short form, the attributes, and the validations of the older dialect.
impl Reader<'_> {
    fn fields(&mut self, node: Node) -> Vec<FieldDecl> {
        let entries = self.map_or_nothing(node, "`fields`").unwrap_or_default();
        entries.into_iter().map(|Entry { key, value }| self.field(key, value)).collect()
    }

    fn field(&mut self, name: Spanned<String>, node: Node) -> FieldDecl {
        let mut field = FieldDecl {
            name,
            ty: None,
            doc: None,
            optional: None,
            default: None,
            since: None,
            deprecated: None,
            unit: None,
            rules: Vec::new(),
            redacted: false,
        };
        let Value::Map(entries) = node.value else {
            field.ty = self.type_expr(node);
            return field;
        };
        let mut has_type = false;
        let mut doc = None;
        for Entry { key, value } in entries {
            match key.value.as_str() {
                "type" => {
                    has_type = true;
                    field.ty = self.type_expr(value);
                }
                "doc" | "description" => {
                    if let Some(text) = self.prose(value, "a doc") {
                        self.once(&mut doc, key, text);
                    }
                }
                _ => self.attribute(&mut field, key, value),
            }
        }
        field.doc = doc.map(|(_, text)| text);
        if !has_type {
            let place = format!("field `{}`", field.name.value);
            self.missing_key(field.name.span, &place, "type", "its type, such as `type: u64`");
        }
        field
    }

    fn attribute(&mut self, field: &mut FieldDecl, key: Spanned<String>, value: Node) {
        match key.value.as_str() {
            "optional" => {
                let optional = self.boolean(value, "`optional`").unwrap_or_default();
                field.optional = optional.then_some(key.span);
            }
            "default" => field.default = Some((key.span, value)),
            "since" => field.since = self.integer(value, "`since`"),
            "deprecated" => field.deprecated = self.deprecation(value),
            "unit" => field.unit = self.prose(value, "a unit"),
            "validation" => field.rules.extend(self.validations(value)),
            "sensitivity" => field.redacted |= self.is_sensitive(value),
            "log_payload" => field.redacted |= self.boolean(value, "`log_payload`") == Some(false),
            "rust_type" | "rkyv" | "serialization" => self.no_effect(&key),
            _ => match Rule::of_key(&key.value) {
                Some(rule) => field.rules.push(RuleDecl { rule, key, value, older: false }),
                None => self.unknown_key(&key, &format!("field `{}`", field.name.value), &keys::FIELD),
            },
        }
    }

    /// The reason of a deprecation; `true` and an empty text give none.
    fn deprecation(&mut self, node: Node) -> Option<String> {
        let reason = self.prose(node, "the reason of a deprecation")?;
        match reason.as_str() {
            "false" => None,
            "true" => Some(NO_REASON.to_owned()),
            reason if reason.trim().is_empty() => Some(NO_REASON.to_owned()),
            _ => Some(reason),
        }
    }

    /// The older dialect's `validation`: a list of one-key maps.
    pub(super) fn validations(&mut self, node: Node) -> Vec<RuleDecl> {
        let items = match node.value {
            Value::Map(_) => vec![node],
            _ => self.list(node, "`validation`").unwrap_or_default(),
        };
        items.into_iter().flat_map(|item| self.validation(item)).collect()
    }

    fn validation(&mut self, item: Node) -> Vec<RuleDecl> {
        let entries = match item.value {
            // `- not_empty` for `- not_empty: true`.
            Value::Scalar(ref scalar) if !item.is_null() => {
                let key = Spanned::new(scalar.text.clone(), item.span);
                let mut value = item.clone();
                if let Value::Scalar(scalar) = &mut value.value {
                    scalar.text = "true".to_owned();
                }
                vec![Entry { key, value }]
            }
            _ => self.map(item, "a validation").unwrap_or_default(),
        };
        entries.into_iter().filter_map(|Entry { key, value }| self.rule(key, value)).collect()
    }

    fn rule(&mut self, key: Spanned<String>, value: Node) -> Option<RuleDecl> {
        let Some(rule) = Rule::named(&key.value) else {
            let message = format!("unknown validation `{}` checks nothing", shorten(&key.value));
            let help = did_you_mean(&key.value, RULES.iter().map(|rule| rule.key));
            self.findings.push(Finding::new(Code::UnknownValidation, key.span, message).maybe_help(help));
            return None;
        };
        Some(RuleDecl { rule, key, value, older: true })
    }
}
