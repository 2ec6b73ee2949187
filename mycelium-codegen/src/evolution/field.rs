//! Fields of messages: which were added, removed, moved or changed.

use std::collections::{HashMap, HashSet};

use super::usage::structure;
use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{FieldFacts, MessageFacts};

type ByName<'a> = HashMap<&'a str, &'a FieldFacts>;

impl<'a> Comparison<'a> {
    pub(super) fn fields(&mut self, name: &'a str, then: &'a MessageFacts, now: &'a MessageFacts) {
        let old: ByName<'_> = then.fields.iter().map(|field| (field.name.value.as_str(), field)).collect();
        let new: ByName<'_> = now.fields.iter().map(|field| (field.name.value.as_str(), field)).collect();
        let by_offset: HashMap<u64, &FieldFacts> = now.fields.iter().map(|field| (field.offset, field)).collect();
        let mut successors = HashSet::new();
        let mut gone = Vec::new();
        let mut kept = Vec::new();
        for field in &then.fields {
            let same_place = by_offset.get(&field.offset).filter(|new| !old.contains_key(new.name.value.as_str()));
            if let Some(new) = new.get(field.name.value.as_str()) {
                kept.push((field, *new));
            } else if let Some(new) = same_place.filter(|new| self.is_same_slot(field, new)) {
                self.field_renamed(name, field, new);
                successors.insert(new.name.value.as_str());
                kept.push((field, *new));
            } else {
                gone.push(field);
            }
        }
        self.removed_fields(name, &gone, then, now);
        for field in &now.fields {
            let field_name = field.name.value.as_str();
            if !old.contains_key(field_name) && !successors.contains(field_name) {
                self.added_field(name, field, now, &old);
            }
        }
        for (old, new) in &kept {
            self.field(name, old, new);
        }
        self.moved_field(name, &kept);
    }

    fn is_same_slot(&self, then: &FieldFacts, now: &FieldFacts) -> bool {
        then.optional == now.optional
            && then.since.value == now.since.value
            && self.is_same_type(&then.ty.value, &now.ty.value)
    }

    /// Whether two type expressions have the same bytes, whatever the names of their types are.
    pub(super) fn is_same_type(&self, then: &str, now: &str) -> bool {
        structure(then, self.then) == structure(now, self.now)
    }

    fn field_renamed(&mut self, message: &str, then: &FieldFacts, now: &FieldFacts) {
        let text = format!("field `{}` of `{message}` was renamed to `{}`", then.name.value, now.name.value);
        let report = Report::new(Code::FieldRenamed, text).now(now.name.span, "now").then(then.name.span, "before");
        self.report(report.help("update the code that names it; if it has another meaning now, add a field instead"));
    }

    /// If all fields of a version were removed, one finding reports the missing layout.
    fn removed_fields(&mut self, name: &'a str, gone: &[&FieldFacts], then: &MessageFacts, now: &MessageFacts) {
        let mut has_shrunk = false;
        for field in gone {
            let since = field.since.value;
            let whole = since > 1 && !now.fields.iter().any(|field| field.since.value == since);
            if !whole {
                let text = format!("field `{}` of `{name}` was removed", field.name.value);
                let report = Report::new(Code::FieldRemoved, text).now(now.place, "no longer here");
                let report = report.then(field.name.span, "was here");
                let help = "restore it; mark it `deprecated` if nobody should use it: its bytes stay in each message";
                self.report_in(name, report.help(help));
            } else if !std::mem::replace(&mut has_shrunk, true) {
                let size = |message: &MessageFacts| message.layouts.last().map_or(0, |layout| layout.value.size);
                let text = format!("message `{name}` shrank from {} bytes to {}", size(then), size(now));
                let report = Report::new(Code::SizeShrank, text)
                    .now(now.place, format!("without the fields of version {since}"));
                let report = report.then(field.name.span, format!("version {since} was here"));
                self.report_in(
                    name,
                    report.help(
                        "restore the fields; mark them `deprecated` if nobody should use them: a message only grows",
                    ),
                );
            }
        }
    }

    fn added_field(&mut self, message: &'a str, field: &FieldFacts, now: &MessageFacts, old: &ByName<'_>) {
        let (name, since, locked) = (&field.name.value, field.since.value, self.then.version.value);
        if since > locked {
            return self.field_added(message, field, now);
        }
        let is_followed =
            now.fields.iter().any(|later| later.offset > field.offset && old.contains_key(later.name.value.as_str()));
        let next = locked.saturating_add(1);
        let (code, text) = if field.says_since() {
            (
                Code::SinceLocked,
                format!("field `{name}` of `{message}` has `since: {since}`, and version {since} is locked without it"),
            )
        } else if is_followed {
            (Code::FieldInTheMiddle, format!("field `{name}` of `{message}` is new, and comes before older fields"))
        } else {
            (Code::FieldWithoutSince, format!("field `{name}` of `{message}` is new, and has no `since`"))
        };
        let help = format!(
            "put it at the end with `since: {next}` and a `default` or `optional: true`, and set `schema.version` to {next}"
        );
        let report =
            Report::new(code, text).now(field.name.span, "new").then(self.then.version.span, "locked without it");
        self.report_in(message, report.help(help));
    }

    /// Compares one field.
    fn field(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let name = &now.name.value;
        if then.since.value != now.since.value {
            let text = format!(
                "the `since` of field `{name}` of `{message}` changed from {} to {}",
                then.since.value, now.since.value
            );
            let report = Report::new(Code::SinceChanged, text).now(now.since.span, format!("now {}", now.since.value));
            let report = report.then(then.since.span, format!("was {}", then.since.value));
            self.report_in(message, report.help("restore it: the version that added a field does not change"));
        }
        if then.optional != now.optional {
            let (verb, now_text, then_text) = match now.optional {
                true => ("became optional", "now optional", "was required"),
                false => ("is no longer optional", "now required", "was optional"),
            };
            let text = format!("field `{name}` of `{message}` {verb}");
            let report =
                Report::new(Code::OptionalChanged, text).now(now.name.span, now_text).then(then.name.span, then_text);
            let help = "keep it as it was, and add a field at the end: the presence bits move the fields behind them";
            self.report_in(message, report.help(help));
        }
        if then.ty.value == now.ty.value || self.is_same_type(&then.ty.value, &now.ty.value) {
            self.attributes(message, then, now);
        } else {
            self.field_type(message, then, now);
        }
    }

    fn field_type(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let name = &now.name.value;
        let (old, new) = (&then.ty.value, &now.ty.value);
        let base = |ty: &str| ty.rsplit_once("<=").map(|(base, _)| structure(base, self.then));
        let is_bound = base(old).is_some() && base(old) == base(new);
        let (code, text) = if is_bound {
            (Code::BoundChanged, format!("the bound of field `{name}` of `{message}` changed from `{old}` to `{new}`"))
        } else {
            (
                Code::FieldTypeChanged,
                format!("the type of field `{name}` of `{message}` changed from `{old}` to `{new}`"),
            )
        };
        let report = Report::new(code, text).now(now.ty.span, format!("now `{new}`"));
        let report = report.then(then.ty.span, format!("was `{old}`"));
        let next = self.then.version.value.saturating_add(1);
        let help = format!("keep `{old}`, and add a field of type `{new}` at the end with `since: {next}`");
        self.report_in(message, report.help(help));
    }

    /// Reports the first field that changed places with another, whatever else was found; or the first that moved, if no other
    /// finding explains it.
    fn moved_field(&mut self, message: &'a str, kept: &[(&FieldFacts, &FieldFacts)]) {
        let mut last = None;
        let same_version = kept.iter().filter(|(then, now)| then.since.value == now.since.value);
        let swapped = same_version.clone().find(|(_, now)| {
            let before = last.replace(now.offset);
            before.is_some_and(|before| before > now.offset)
        });
        let moved = kept.iter().find(|(then, now)| then.offset != now.offset && !self.broken.contains(message));
        // Of the fields that changed places, report the first that moved.
        let swapped = swapped.and_then(|_| same_version.clone().find(|(then, now)| then.offset != now.offset));
        let Some((then, now)) = swapped.or(moved) else { return };
        let text = format!("field `{}` of `{message}` moved", now.name.value);
        let report = Report::new(Code::FieldMoved, text).now(now.name.span, format!("now at offset {}", now.offset));
        let report = report.then(then.name.span, format!("was at offset {}", then.offset));
        self.report_in(message, report.help("keep the order of the fields, and add new ones at the end"));
    }
}
