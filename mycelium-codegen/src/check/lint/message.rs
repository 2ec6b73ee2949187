//! Lints of messages and their fields: ids, deprecations, defaults, sizes, types that are likely mistakes, names that hide calls, and
//! the domains of the older dialect.

use super::super::Checker;
use super::super::declared::Declared;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::Facts;
use crate::layout::MessageLayout;
use crate::model::{Field, Int, Scalar, Type};
use crate::names::snake_case;
use crate::parse::decl::{FieldDecl, MessageDecl};
use crate::parse::message::NO_REASON;
use crate::rules;
use crate::suggest::did_you_mean;

/// Messages of more bytes than this get a lint.
const LARGE: u64 = 4096;
/// Messages with this many bools get a lint.
const BOOLS: usize = 8;
/// Words that other YAML files use for `true` and `false`.
const SWITCHES: [&str; 4] = ["no", "off", "on", "yes"];
/// Words in names that mean money.
const MONEY: [&str; 12] =
    ["amount", "balance", "cash", "cost", "fee", "fees", "money", "notional", "pnl", "premium", "price", "profit"];
/// Last words in names that mean a time.
const TIME: [&str; 4] = ["ns", "time", "timestamp", "ts"];

/// Methods of traits that are in scope wherever messages are used, each with its trait.
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
    pub(super) fn message_lints(&mut self, at: usize, decl: &MessageDecl, facts: &Facts, layouts: &[MessageLayout]) {
        self.zero_id(decl);
        self.bare_deprecations(decl);
        // If a field is missing because of an error, lints about the whole message would be guesses.
        if self.schema.messages[at].broken || self.schema.messages[at].fields.len() != decl.fields.len() {
            return;
        }
        let fields = std::mem::take(&mut self.schema.messages[at].fields);
        self.float_prices(
            &decl.name.value,
            decl.fields.iter().zip(&fields).map(|(decl, field)| (&decl.name, &field.ty)),
        );
        self.plain_times(decl, fields.iter().map(|field| &field.ty));
        self.many_bools(decl, fields.iter().map(|field| &field.ty));
        self.no_default(decl, &fields);
        self.hidden_calls(decl, &fields);
        self.schema.messages[at].fields = fields;
        if let Some(layout) = layouts.get(at) {
            self.large_body(decl, layout.size());
            self.message_padding(at, &decl.name, facts, layout);
        }
    }

    fn zero_id(&mut self, decl: &MessageDecl) {
        if let Some(id) = decl.id.as_ref().filter(|id| id.value == 0) {
            let message = format!("message `{}` has the id 0, which zeroed bytes have as well", decl.name.value);
            self.error(Finding::new(Code::ZeroId, id.span, message).help("use an id of 1 or more"));
        }
    }

    fn bare_deprecations(&mut self, decl: &MessageDecl) {
        let fields = decl.fields.iter().map(|field| (&field.name, &field.deprecated));
        for (name, reason) in [(&decl.name, &decl.deprecated)].into_iter().chain(fields) {
            let (message, help) = match reason.as_deref() {
                Some(NO_REASON) => (
                    format!("`{}` is deprecated without a reason", name.value),
                    "say what to use instead, such as `deprecated: use close`; rustc prints it at each use",
                ),
                Some(word) if SWITCHES.contains(&word.to_lowercase().as_str()) => (
                    format!("`{}` is deprecated, with the reason `{word}`", name.value),
                    "write `false` if it is not deprecated, or say what to use instead",
                ),
                _ => continue,
            };
            self.error(Finding::new(Code::BareDeprecation, name.span, message).help(help));
        }
    }

    /// One finding for each message, with all fields whose defaults break a rule.
    fn no_default(&mut self, decl: &MessageDecl, fields: &[Field]) {
        let rules = fields.iter().map(|field| rules::broken_rule(&self.schema, field));
        let mut broken = decl.fields.iter().zip(rules).filter_map(|(field, rule)| Some((field, rule?)));
        let Some((first, rule)) = broken.next() else { return };
        let name = &decl.name.value;
        let more: String = broken.map(|(field, _)| format!(", `{}`", field.name.value)).collect();
        let others = if more.is_empty() {
            String::new()
        } else {
            format!(", and so do those of{}", more.trim_start_matches(','))
        };
        let message = format!(
            "message `{name}` has no `Default`: the default of `{}` breaks `{}`{others}",
            first.name.value, rule.key
        );
        let finding = Finding::new(Code::NoDefault, first.name.span, message);
        let help =
            format!("set a `default` that the rules allow, or leave it and build each message from `{name}Fields`");
        self.error(finding.help(help));
    }

    fn plain_times<'t>(&mut self, decl: &MessageDecl, types: impl Iterator<Item = &'t Type>) {
        let is_plain = |ty: &Type| matches!(ty, Type::Scalar(Scalar::Int(Int::U64 | Int::I64)));
        let is_time = |field: &FieldDecl| TIME.contains(&field.name.value.rsplit('_').next().unwrap_or_default());
        let mut times = decl.fields.iter().zip(types).filter(|(field, ty)| is_plain(ty) && is_time(field));
        let (first, more) = (times.next(), times.count());
        let Some((first, _)) = first else { return };
        let (field, name) = (&first.name.value, &decl.name.value);
        let message = match more {
            0 => format!("field `{field}` of `{name}` is a time in a plain integer"),
            more => format!("field `{field}` and {more} more of `{name}` are times in plain integers"),
        };
        let help = "use `timestamp_ns` or `duration_ns`, which state the unit";
        self.error(Finding::new(Code::PlainTime, first.name.span, message).help(help));
    }

    fn many_bools<'t>(&mut self, decl: &MessageDecl, types: impl Iterator<Item = &'t Type>) {
        let bools = types.filter(|ty| **ty == Type::Scalar(Scalar::Bool)).count();
        if bools >= BOOLS {
            let message = format!("message `{}` has {bools} bools", decl.name.value);
            let help = "use `flags`: each takes one bit, and you can add more later";
            self.error(Finding::new(Code::ManyBools, decl.name.span, message).help(help));
        }
    }

    fn large_body(&mut self, decl: &MessageDecl, size: u64) {
        if size > LARGE {
            let message = format!(
                "message `{}` has {size} bytes, all of which are copied each time it is sent on",
                decl.name.value
            );
            let help = "lower the bounds of its texts and lists, or send the parts as separate messages";
            self.error(Finding::new(Code::LargeBody, decl.name.span, message).help(help));
        }
    }

    pub(super) fn domain_lints(&mut self, decl: &MessageDecl, declared: &Declared) {
        let Some(name) = decl.domain.as_ref().filter(|_| !declared.domains.is_empty()) else { return };
        let Some(domain) = declared.domains.iter().find(|domain| domain.name == name.value) else {
            let message = format!("domain `{}` is not declared under `domains:`", name.value);
            let help = did_you_mean(&name.value, declared.domains.iter().map(|domain| domain.name.as_str()));
            return self.error(Finding::new(Code::UnknownDomain, name.span, message).maybe_help(help));
        };
        if let (Some(id), Some(ids)) = (&decl.id, &domain.ids)
            && declared.tag_ranges.is_empty()
            && !ids.contains(&id.value)
        {
            let (first, last) = (ids.start(), ids.end());
            let message =
                format!("id {} is outside the `type_range` of domain `{}`, {first}-{last}", id.value, name.value);
            let finding = Finding::new(Code::OutsideDomain, id.span, message).other(name.span, "the domain");
            self.error(finding.help("choose an id from the range, or widen the range"));
        }
    }

    /// Rust prefers inherent methods to those of traits: with a field `decode`, `Bar::decode(bytes)` would mean its accessor.
    fn hidden_calls(&mut self, decl: &MessageDecl, fields: &[Field]) {
        let name = &decl.name.value;
        let is_fallible = fields.iter().any(|field| self.is_fallible(field));
        let has_default = fields.iter().all(|field| rules::broken_rule(&self.schema, field).is_none());
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
            let text = format!("the accessor of field `{}` of `{name}` hides `{hidden}`", field.name);
            let finding = Finding::new(Code::HiddenCall, field_decl.name.span, text);
            self.error(finding.help(format!("choose another name, or write `{instead}`")));
        }
    }
}

/// Whether a type is a float, or an array or list of floats. A newtype of a float is checked by its own name.
pub(super) fn is_float(ty: &Type) -> bool {
    match ty {
        Type::Scalar(scalar) => matches!(scalar, Scalar::F32 | Scalar::F64),
        Type::Array(element, _) | Type::List(element, _) => is_float(element),
        Type::Named(_) | Type::Str(_) | Type::Bytes(_) => false,
    }
}

/// Whether a name means money.
pub(super) fn is_money(name: &str) -> bool {
    snake_case(name).split('_').any(|word| MONEY.contains(&word))
}
