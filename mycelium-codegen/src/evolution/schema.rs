//! Changes of the schema as a whole: its name, its versions, and its reservations.

use std::collections::HashSet;

use super::growth::within;
use super::{Comparison, Report};
use crate::code::Code;

impl Comparison<'_> {
    pub(super) fn schema(&mut self) {
        self.name();
        self.version();
        self.min_compatible();
        self.reserved_ids();
        self.reserved_names();
        self.reservations_added();
    }

    fn name(&mut self) {
        let (then, now) = (&self.then.name, &self.now.name);
        if then.value != now.value {
            let message = format!("the name of the schema changed from {} to {}", then.value, now.value);
            let report = Report::new(Code::SchemaRenamed, message).now(now.span, "now").then(then.span, "before");
            let help = format!("keep `name: {}`: peers compare it when they connect", then.value);
            self.report(report.help(help));
        }
    }

    fn version(&mut self) {
        let (then, now) = (&self.then.version, &self.now.version);
        if now.value < then.value {
            let message = format!("`schema.version` was lowered from {} to {}", then.value, now.value);
            let report = Report::new(Code::VersionLowered, message).now(now.span, format!("now {}", now.value));
            let report = report.then(then.span, format!("was {}", then.value));
            self.report(report.help(format!("set `version: {}` or higher", then.value)));
        } else if now.value > then.value {
            self.version_raised();
        }
    }

    fn min_compatible(&mut self) {
        let (then, now) = (&self.then.min_compatible, &self.now.min_compatible);
        let labelled = |report: Report| {
            report.now(now.span, format!("now {}", now.value)).then(then.span, format!("was {}", then.value))
        };
        if now.value < then.value {
            let message = format!("`min_compatible` was lowered from {} to {}", then.value, now.value);
            let help = format!("set `min_compatible: {}`: the contract no longer describes older layouts", then.value);
            self.report(labelled(Report::new(Code::CompatibilityLowered, message)).help(help));
        } else if now.value > then.value && !self.shares_a_message() {
            self.compatibility_raised_without_effect();
        } else if now.value > then.value {
            let message = format!("programs of versions before {} are now refused", now.value);
            let help = format!("keep `min_compatible: {}` while any of them runs", then.value);
            self.report(labelled(Report::new(Code::CompatibilityRaised, message)).help(help));
        }
    }

    /// Whether both versions have a message in common, for which programs could be refused.
    pub(super) fn shares_a_message(&self) -> bool {
        let ids: HashSet<u16> = self.now.messages.values().map(|message| message.id.value).collect();
        self.then.messages.values().any(|message| ids.contains(&message.id.value))
    }

    /// Reports ids that are no longer reserved. One that a message uses now is reported with the message.
    fn reserved_ids(&mut self) {
        // Computed once for all ranges: a lock can have very many, and each may span all ids.
        let free = self.free_ids();
        for range in &self.then.reserved_ids {
            let (first, last) = (*range.value.start(), *range.value.end());
            let from = free.partition_point(|id| *id < first);
            let to = free.partition_point(|id| *id <= last);
            let Some([first_free, more @ ..]) = free.get(from..to) else { continue };
            let message = match more.len() {
                0 => format!("id {first_free} is no longer reserved"),
                more => format!("{} ids are no longer reserved, from {first_free} on", more + 1),
            };
            let report = Report::new(Code::ReservationDropped, message).now(self.now.place, "here");
            let report = report.then(range.span, "was reserved here");
            let written = text(first, last);
            self.report(
                report.help(format!("keep `reserved: {{ ids: [{written}] }}`: old programs may still send them")),
            );
        }
    }

    /// The ids that are neither used nor reserved now, in order.
    fn free_ids(&self) -> Vec<u16> {
        if self.then.reserved_ids.is_empty() {
            return Vec::new();
        }
        let used: HashSet<u16> = self.now.messages.values().map(|message| message.id.value).collect();
        let is_reserved = within(self.now.reserved_ids.iter().map(|range| &range.value));
        (0..=u16::MAX)
            .zip(is_reserved)
            .filter(|(id, is_reserved)| !used.contains(id) && !is_reserved)
            .map(|(id, _)| id)
            .collect()
    }

    fn reserved_names(&mut self) {
        for name in &self.then.reserved_names {
            if !self.now.reserved_names.iter().any(|now| now.value == name.value) {
                let message = format!("the name `{}` is no longer reserved", name.value);
                let report = Report::new(Code::ReservationDropped, message).now(self.now.place, "here");
                let report = report.then(name.span, "was reserved here");
                self.report(report.help(format!("keep `reserved: {{ names: [{}] }}`", name.value)));
            }
        }
    }
}

fn text(first: u16, last: u16) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
