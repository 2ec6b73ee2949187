//! Additions that break nothing. A comparison of two contracts reports each of them; a check reports once that the lock is behind.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::effect::{NOT_ACCEPTED, RENAMED, rest};
use super::exchange::Delivery;
use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Attribute, FieldFacts, MessageFacts, Value};
use crate::source::{Span, Spanned};

const SAME_BYTES: &str = "the bytes on the wire stay the same";

impl<'a> Comparison<'a> {
    pub(super) fn message_added(&mut self, name: &str, now: &MessageFacts) {
        let note = match self.delivery(now.id.value) {
            (_, Delivery::NotAccepted) => {
                let rest = rest(&self.exchanges);
                format!(
                    "old receivers don't accept it: a new sender {NOT_ACCEPTED}, and {rest}; old senders don't have it"
                )
            }
            (_, Delivery::Refused) if self.then.name.value != self.now.name.value => {
                format!("{RENAMED}; over other links, old receivers don't accept it")
            }
            (_, Delivery::Flows) => "old receivers read it as the message that had this id".to_owned(),
            _ => "old programs refuse a link that carries it, since they know another message by this id".to_owned(),
        };
        let help = "if it must not be lost, start new receivers before new senders";
        self.grow(Code::MessageAdded, format!("message `{name}`"), now.place, (&note, help));
    }

    pub(super) fn field_added(&mut self, message: &str, field: &FieldFacts, now: &MessageFacts) {
        let note = match self.delivery(now.id.value) {
            (_, Delivery::Flows) if field.optional => {
                "it flows in both directions: old receivers read what they know, and new receivers read `None` from old senders"
            }
            (_, Delivery::Flows) => {
                "it flows in both directions: old receivers read what they know, and new receivers read the default from old senders"
            }
            _ => "old and new programs don't exchange this message because of another change",
        };
        let what = format!("field `{}` of `{message}`", field.name.value);
        let help = "its type and default can't change after the next lock";
        self.grow(Code::FieldAdded, what, field.name.span, (note, help));
    }

    pub(super) fn type_added(&mut self, name: &str, place: Span) {
        let help = "it can't change after the next lock if a message uses it";
        self.grow(Code::TypeAdded, format!("type `{name}`"), place, (SAME_BYTES, help));
    }

    /// A variant of an open enum, or a bit.
    pub(super) fn name_added(&mut self, ty: &str, what: &str, added: &Value) {
        let note = "old programs keep the number, without a name for it";
        let help = "its number can't change after the next lock";
        self.grow(Code::NameAdded, format!("{what} `{}` of `{ty}`", added.name.value), added.name.span, (note, help));
    }

    pub(super) fn version_raised(&mut self) {
        let (locked, now, least) =
            (self.then.version.value, &self.now.version, self.now.min_compatible.value.min(self.now.version.value));
        let note = if self.then.name.value != self.now.name.value {
            RENAMED.to_owned()
        } else if locked < least && self.shares_a_message() {
            format!(
                "old programs, of version {locked}, and new ones can't exchange messages that both know, since \
                 `min_compatible` is {least}"
            )
        } else {
            format!(
                "no message is refused because of the version: old programs have version {locked}, and `min_compatible` is {least}"
            )
        };
        let help = "give new fields `since` with this version";
        self.grow(Code::VersionRaised, format!("version {}", now.value), now.span, (&note, help));
    }

    /// `min_compatible` was raised, and no message is left that could be refused for it.
    pub(super) fn compatibility_raised_without_effect(&mut self) {
        let now = &self.now.min_compatible;
        let what = format!("`min_compatible: {}`", now.value);
        let note = "it refuses no program: no message of the old contract is left";
        self.grow(Code::VersionRaised, what, now.span, (note, "nothing to do"));
    }

    /// New reservations. That of a removed message is reported with the message.
    pub(super) fn reservations_added(&mut self) {
        let mut fresh = self.fresh_ids();
        let mut found = Vec::new();
        for range in &self.now.reserved_ids {
            let from = fresh.partition_point(|id| id < range.value.start());
            let to = fresh.partition_point(|id| id <= range.value.end());
            // An id in two ranges is reported once.
            let ids: Vec<u16> = fresh.drain(from..to.max(from)).collect();
            let what = match ids.as_slice() {
                [] => continue,
                [one] => format!("id {one}"),
                [first, .., last] if usize::from(last - first) + 1 == ids.len() => format!("ids {first} to {last}"),
                [first, ..] => format!("{} ids from {first} on", ids.len()),
            };
            found.push(Spanned::new(what, range.span));
        }
        let is_new = |name: &&Spanned<String>| {
            let was_reserved = self.then.reserved_names.iter().any(|then| then.value == name.value);
            !was_reserved && !self.then.messages.contains_key(&name.value)
        };
        let names = self.now.reserved_names.iter().filter(is_new);
        found.extend(names.map(|name| Spanned::new(format!("the name `{}`", name.value), name.span)));
        for what in found {
            let (text, help) = (format!("the reservation of {}", what.value), "keep it reserved after the next lock");
            self.grow(Code::ReservationAdded, text, what.span, (SAME_BYTES, help));
        }
    }

    /// The ids, in order, that are reserved now and were neither reserved nor used before.
    fn fresh_ids(&self) -> Vec<u16> {
        if self.now.reserved_ids.is_empty() {
            return Vec::new();
        }
        let used: HashSet<u16> = self.then.messages.values().map(|message| message.id.value).collect();
        let was_reserved = within(self.then.reserved_ids.iter().map(|range| &range.value));
        let is_reserved = within(self.now.reserved_ids.iter().map(|range| &range.value));
        let both = is_reserved.into_iter().zip(was_reserved).zip(0..=u16::MAX);
        both.filter(|((is, was), id)| *is && !was && !used.contains(id)).map(|(_, id)| id).collect()
    }

    /// New marks of a message: `deprecated`, and `log_payload: false`.
    pub(super) fn message_marks(&mut self, name: &str, then: &MessageFacts, now: &MessageFacts) {
        for (old, new, mark) in
            [(then.deprecated, now.deprecated, "deprecated"), (then.redacted, now.redacted, "log_payload: false")]
        {
            if let (None, Some(place)) = (old, new) {
                self.mark(format!("`{mark}` of message `{name}`"), place);
            }
        }
    }

    /// A new mark of a field, which changes nothing on the wire.
    pub(super) fn field_mark(&mut self, message: &str, attribute: Attribute, place: Span, now: &FieldFacts) {
        self.mark(format!("`{}` of field `{}` of `{message}`", attribute.name(), now.name.value), place);
    }

    fn mark(&mut self, what: String, place: Span) {
        self.grow(Code::MarkAdded, what, place, (SAME_BYTES, "keep it after the next lock"));
    }

    /// A change that would break a type if a message had used it.
    pub(super) fn unheld_type(&mut self, name: &str, report: Report) {
        let already = format!("type `{name}`, which no message used");
        if self.grown.iter().all(|grown| grown.value != already) {
            self.grown.push(Spanned::new(already, report.now.0));
        }
        let note = "the bytes on the wire stay the same: no message used this type".to_owned();
        let help = "it can't change after the next lock if a message uses it".to_owned();
        let report = Report { code: Code::UnheldTypeChanged, help: Some(help), note: Some(note), ..report };
        self.report(report);
    }

    /// Reports an addition, and records that the lock lacks it.
    fn grow(&mut self, code: Code, what: String, place: Span, (note, help): (&str, &str)) {
        let report = Report::new(code, format!("{what} is new")).now(place, "new");
        let then = (self.then.version.span, "not yet in this version".to_owned());
        self.report(Report { then, note: Some(note.to_owned()), help: Some(help.to_owned()), ..report });
        self.grown.push(Spanned::new(what, place));
    }

    /// What happens to the message with this id: from old to new programs, and from new to old.
    fn delivery(&self, id: u16) -> (Delivery, Delivery) {
        let found = self.exchanges.iter().find(|exchange| exchange.id == id);
        found.map_or((Delivery::NotSent, Delivery::NotSent), |it| (it.old_to_new.handshake, it.new_to_old.handshake))
    }
}

/// Which ids are within ranges.
pub(super) fn within<'r>(ranges: impl Iterator<Item = &'r RangeInclusive<u16>>) -> Vec<bool> {
    // Count starts and ends, so that a wide range costs no more than a narrow one.
    let mut steps = vec![0_i64; usize::from(u16::MAX) + 2];
    for range in ranges.filter(|range| !range.is_empty()) {
        let (from, to) = (usize::from(*range.start()), usize::from(*range.end()) + 1);
        steps.get_mut(from).into_iter().for_each(|step| *step += 1);
        steps.get_mut(to).into_iter().for_each(|step| *step -= 1);
    }
    let mut depth = 0;
    let is_within = steps.iter().map(|step| {
        depth += step;
        depth > 0
    });
    is_within.collect()
}
