//! Variants of enums and bits of flags.

use std::collections::HashMap;

use super::types::Pair;
use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::Value;

impl<'a> Comparison<'a> {
    /// `open` means that both versions accept unknown values.
    pub(super) fn variants(&mut self, pair: Pair<'a>, then: &[Value], now: &[Value], open: bool) {
        for missing in self.values(pair, then, now, Code::ValueChanged, "value") {
            if open {
                self.name_removed(pair, missing, "variant");
                continue;
            }
            let message = format!("variant `{}` of the closed enum `{}` was removed", missing.name.value, pair.name);
            let report = Report::new(Code::VariantRemoved, message).now(pair.now.place, "no longer here");
            let report = report.then(missing.name.span, format!("was {}", missing.value));
            self.break_type(pair, report.help("restore it: a message with this value is now refused"));
        }
        for added in new_values(then, now) {
            if open {
                self.name_added(pair.name, "variant", added);
                continue;
            }
            let message = format!("variant `{}` of the closed enum `{}` is new", added.name.value, pair.name);
            let report = Report::new(Code::VariantAdded, message).now(added.name.span, "new");
            let report = report.then(pair.then.place, "the enum is closed without it");
            let help = "declare a second enum for a new field, with `open: true` if it will grow: older programs refuse a new variant";
            self.break_type(pair, report.help(help));
        }
    }

    /// Reports another first variant of a closed enum, which fills absent optionals and unused list elements.
    pub(super) fn first_variant(
        &mut self,
        pair: Pair<'a>,
        (old, before): (&[Value], Option<i128>),
        (new, after): (&[Value], Option<i128>),
    ) {
        let find = |values: &[Value], first: Option<i128>| match first {
            Some(first) => values.iter().find(|value| value.value == first).cloned(),
            None => values.first().cloned(),
        };
        let (Some(then), Some(now)) = (find(old, before), find(new, after)) else { return };
        let filled = self.usage.filled(pair.name);
        if then.value == now.value || filled.is_empty() {
            return;
        }
        let message =
            format!("the first variant of `{}` changed from `{}` to `{}`", pair.name, then.name.value, now.name.value);
        let report = Report::new(Code::FirstVariantChanged, message).now(now.name.span, "now first");
        let report = report.then(then.name.span, "was first");
        let help = format!("declare `{}` first: it fills absent optionals and unused list elements", then.name.value);
        self.report_of(filled, report.help(help));
    }

    pub(super) fn bits(&mut self, pair: Pair<'a>, then: &[Value], now: &[Value]) {
        for missing in self.values(pair, then, now, Code::FlagMoved, "bit") {
            self.name_removed(pair, missing, "bit");
        }
        for added in new_values(then, now) {
            self.name_added(pair.name, "bit", added);
        }
    }

    /// Reports names with another value and values with another name. Returns the values that were removed.
    fn values<'v>(
        &mut self,
        pair: Pair<'a>,
        then: &'v [Value],
        now: &[Value],
        code: Code,
        what: &str,
    ) -> Vec<&'v Value> {
        let names: HashMap<&str, &Value> = now.iter().map(|it| (it.name.value.as_str(), it)).collect();
        let values: HashMap<i128, &Value> = now.iter().map(|it| (it.value, it)).collect();
        let known: HashMap<&str, &Value> = then.iter().map(|it| (it.name.value.as_str(), it)).collect();
        let mut missing = Vec::new();
        for old in then {
            let name = &old.name.value;
            if let Some(new) = names.get(name.as_str()) {
                if new.value != old.value {
                    let message = format!(
                        "the {what} of `{name}` of `{}` changed from {} to {}",
                        pair.name, old.value, new.value
                    );
                    let report = Report::new(code, message).now(new.name.span, format!("now {}", new.value));
                    let report = report.then(old.name.span, format!("was {}", old.value));
                    let help = format!("keep `{name}: {}`: the number is what is sent", old.value);
                    self.break_type(pair, report.help(help));
                }
            } else if let Some(new) = values.get(&old.value).filter(|new| !known.contains_key(new.name.value.as_str()))
            {
                let message = format!("`{name}` of `{}` was renamed to `{}`", pair.name, new.name.value);
                let report =
                    Report::new(Code::PartRenamed, message).now(new.name.span, "now").then(old.name.span, "before");
                self.report(
                    report.help("update the code that names it; if it has another meaning now, use a new number"),
                );
            } else {
                missing.push(old);
            }
        }
        missing
    }

    fn name_removed(&mut self, pair: Pair<'a>, missing: &Value, what: &str) {
        let message = format!("{what} `{}` of `{}` was removed", missing.name.value, pair.name);
        let report = Report::new(Code::NameRemoved, message).now(pair.now.place, "no longer here");
        let report = report.then(missing.name.span, format!("was {}", missing.value));
        self.report(report.help("update the code that names it, and never give its number another meaning"));
    }
}

/// Values whose name and number are both new.
fn new_values<'v>(then: &[Value], now: &'v [Value]) -> Vec<&'v Value> {
    let is_known: std::collections::HashSet<&str> = then.iter().map(|it| it.name.value.as_str()).collect();
    let values: std::collections::HashSet<i128> = then.iter().map(|it| it.value).collect();
    now.iter().filter(|it| !is_known.contains(it.name.value.as_str()) && !values.contains(&it.value)).collect()
}
