//! Fields of messages: the short form, the attributes, and the older dialect's validations.

use super::decl::{FieldDecl, RuleDecl};
use super::reader::{Reader, shorten};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::keys;
use crate::rules::{RULES, Rule};
use crate::source::Spanned;
use crate::suggest::did_you_mean;
use crate::yaml::{Entry, Node, Value};

/// What stands for the reason of a deprecation that has none.
pub(crate) const NO_REASON: &str = "no longer used";

impl Reader<'_> {
    pub(super) fn fields(&mut self, node: Node) -> Vec<FieldDecl> {
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

    /// The reason why something is deprecated; `true` and an empty text give none.
    pub(super) fn deprecation(&mut self, node: Node) -> Option<String> {
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
            let message = format!("validation `{}` is not known and checks nothing", shorten(&key.value));
            let help = did_you_mean(&key.value, RULES.iter().map(|rule| rule.key));
            self.findings.push(Finding::new(Code::UnknownValidation, key.span, message).maybe_help(help));
            return None;
        };
        Some(RuleDecl { rule, key, value, older: true })
    }
}
