//! Fields that are read by a method, and so take the place of a call of the same name.

use super::super::Checker;
use crate::code::Code;
use crate::default;
use crate::diagnostic::Finding;
use crate::model::Field;
use crate::parse::decl::MessageDecl;

/// The methods that every message has by traits that are in scope everywhere, or wherever messages are used; each with its trait.
const METHODS: [(&str, &str); 9] = [
    ("as_bytes", "Message"),
    ("clone", "Clone"),
    ("clone_from", "Clone"),
    ("eq", "PartialEq"),
    ("into", "Into"),
    ("ne", "PartialEq"),
    ("to_owned", "ToOwned"),
    ("try_into", "TryInto"),
    ("validate", "Message"),
];

impl Checker<'_> {
    /// An inherent method comes before one of a trait, so that `Bar::decode(bytes)` would mean the accessor of a field `decode`.
    pub(super) fn hidden_calls(&mut self, decl: &MessageDecl, fields: &[Field]) {
        let name = &decl.name.value;
        let is_fallible = fields.iter().any(|field| self.is_fallible(field));
        let has_default = fields.iter().all(|field| default::broken_rule(&self.schema, field).is_none());
        for (field_decl, field) in decl.fields.iter().zip(fields) {
            if !field.optional && !self.is_fallible(field) {
                continue;
            }
            let method = METHODS.iter().find(|(method, _)| *method == field.name);
            let (hidden, instead) = match (field.name.as_str(), method) {
                (_, Some((method, owner))) => (format!("message.{method}()"), format!("{owner}::{method}(&message)")),
                ("decode", _) => (format!("{name}::decode(bytes)"), format!("<{name} as Message>::decode(bytes)")),
                ("default", _) if has_default => {
                    (format!("{name}::default()"), format!("<{name} as Default>::default()"))
                }
                ("from", _) if !is_fallible => {
                    (format!("{name}::from(fields)"), format!("<{name} as From<_>>::from(fields)"))
                }
                ("try_from", _) if is_fallible => {
                    (format!("{name}::try_from(fields)"), format!("<{name} as TryFrom<_>>::try_from(fields)"))
                }
                _ => continue,
            };
            let text = format!("field `{}` of `{name}` is read by a method that hides `{hidden}`", field.name);
            let finding = Finding::new(Code::HiddenCall, field_decl.name.span, text);
            self.error(finding.help(format!("choose another name, or write `{instead}`")));
        }
    }
}
