//! What is said of a field besides its type: rules, its unit, its marks.

use super::allowed::allowed;
use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Attribute, FieldFacts};
use crate::rules::Rule;
use crate::source::{Span, Spanned};

/// Which values a rule lets through that were not allowed before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Fewer,
    More,
}

impl<'a> Comparison<'a> {
    pub(super) fn attributes(&mut self, message: &'a str, then: &FieldFacts, now: &FieldFacts) {
        let (before, after) = (allowed(then, self.then), allowed(now, self.now));
        for attribute in Attribute::all() {
            let (old, new) = (then.attribute(attribute), now.attribute(attribute));
            match attribute {
                Attribute::Default => self.default(message, then, now),
                Attribute::Unit => self.unit(message, then, now),
                Attribute::Deprecated | Attribute::Redacted => match (old, new) {
                    (Some(old), None) => self.mark_dropped(message, attribute, old.span, now),
                    (None, Some(new)) => self.field_mark(message, attribute, new.span, now),
                    _ => {}
                },
                Attribute::Rule(_) if old.map(|old| &old.value) == new.map(|new| &new.value) => {}
                Attribute::Rule(rule) if new.is_some_and(|new| !before.keep(rule, &new.value)) => {
                    self.rule(message, rule, Turn::Fewer, then, now);
                }
                Attribute::Rule(rule) if old.is_some_and(|old| !after.keep(rule, &old.value)) => {
                    self.rule(message, rule, Turn::More, then, now);
                }
                Attribute::Rule(_) => {}
            }
        }
    }

    fn rule(&mut self, message: &'a str, rule: &'static Rule, turn: Turn, then: &FieldFacts, now: &FieldFacts) {
        let (field, attribute) = (&now.name.value, Attribute::Rule(rule));
        let rule = rule.key;
        let said = |value: Option<&Spanned<String>>, word: &str| match value {
            Some(value) => format!("{word} `{rule}: {}`", value.value),
            None => format!("{word} without `{rule}`"),
        };
        let (old, new) = (then.attribute(attribute), now.attribute(attribute));
        let (code, text, help) = if turn == Turn::Fewer {
            let help = "keep the rule; what is refused from now on may be on its way, or in a file";
            (Code::RuleTightened, "refuses values that it allowed", help)
        } else {
            let help = "keep the rule: programs built before close the connection at a value that it refuses; a new field can have another";
            (Code::RuleRelaxed, "allows values that older programs refuse", help)
        };
        let report = Report::new(code, format!("field `{field}` of `{message}` {text}"))
            .now(new.map_or(now.name.span, |new| new.span), said(new, "now"))
            .then(old.map_or(then.name.span, |old| old.span), said(old, "then"));
        self.report_in(message, report.help(help));
    }

    fn unit(&mut self, message: &str, then: &FieldFacts, now: &FieldFacts) {
        let (old, new) = (then.attribute(Attribute::Unit), now.attribute(Attribute::Unit));
        if old.map(|old| &old.value) == new.map(|new| &new.value) {
            return;
        }
        let (Some(old), place) = (old, new.map_or(now.name.span, |new| new.span)) else {
            return self.field_mark(message, Attribute::Unit, new.map_or(now.name.span, |new| new.span), now);
        };
        let is = new.map_or_else(|| "has no unit now".to_owned(), |new| format!("is in {}", new.value));
        let text = format!("field `{}` of `{message}` {is} and was in {}", now.name.value, old.value);
        let report = Report::new(Code::UnitChanged, text).now(place, "now").then(old.span, "then");
        self.report(report.help("if the numbers mean something else now, add a field instead: no program can tell"));
    }

    fn mark_dropped(&mut self, message: &str, attribute: Attribute, then: Span, now: &FieldFacts) {
        let name = &now.name.value;
        let (code, text, help) = if attribute == Attribute::Deprecated {
            (Code::DeprecationDropped, "deprecated", "keep `deprecated`, unless the field is here to stay after all")
        } else {
            (Code::RedactionDropped, "kept out of logs", "keep the mark, unless nothing in it is secret any more")
        };
        let report = Report::new(code, format!("field `{name}` of `{message}` is no longer {text}"));
        self.report(report.now(now.name.span, "now").then(then, "then").help(help));
    }
}
