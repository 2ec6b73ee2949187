//! Named types: whether their bytes still have the same meaning.

use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Shape, TypeFacts};

/// A type in both versions.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) then: &'a TypeFacts,
    pub(super) now: &'a TypeFacts,
}

impl Pair<'_> {
    /// A report at the definitions in both versions.
    pub(super) fn report(&self, code: Code, message: String, now: String, then: String) -> Report {
        Report::new(code, message).now(self.now.shape_place, now).then(self.then.shape_place, then)
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn types(&mut self) {
        let (then, now) = (self.then, self.now);
        for (name, old) in &then.types {
            match now.types.get(name) {
                Some(new) => self.shape(Pair { name, then: old, now: new }),
                None => self.missing_type(name, old),
            }
        }
        for (name, new) in now.types.iter().filter(|(name, _)| !then.types.contains_key(*name)) {
            self.type_added(name, new.place);
        }
    }

    /// A type that was removed or renamed. It was renamed if an equal type has a name that the lock does not know.
    fn missing_type(&mut self, name: &'a str, then: &'a TypeFacts) {
        let is_new = |name: &str| !self.then.types.contains_key(name);
        let is_same = |now: &TypeFacts| now.hash == then.hash && now.shape.kind() == then.shape.kind();
        let successor = self.now.types.iter().find(|(new_name, now)| is_new(new_name) && is_same(now));
        if let Some((new_name, now)) = successor {
            let message = format!("type `{name}` was renamed to `{new_name}`");
            let report = Report::new(Code::TypeRenamed, message).now(now.place, "now").then(then.place, "before");
            self.report(report.help("update the code that names it; the bytes on the wire stay the same"));
            return self.shape(Pair { name, then, now });
        }
        let report = Report::new(Code::TypeRemoved, format!("type `{name}` was removed"));
        let report = report.now(self.now.place, "no longer here").then(then.place, "was here");
        self.report(report.help("update the code that names it"));
    }

    fn shape(&mut self, pair: Pair<'a>) {
        match (&pair.then.shape, &pair.now.shape) {
            (Shape::Decimal { repr: a, scale: old }, Shape::Decimal { repr: b, scale: new }) => {
                self.repr(pair, a, b);
                if old != new {
                    let message = format!("the scale of decimal `{}` changed from {old} to {new}", pair.name);
                    let report = pair.report(Code::ScaleChanged, message, format!("now {new}"), format!("was {old}"));
                    let help = format!(
                        "keep `scale: {old}`, and declare a second type: the same bytes would be another number"
                    );
                    self.break_type(pair, report.help(help));
                }
            }
            (Shape::Newtype { inner: old }, Shape::Newtype { inner: new }) => {
                if old != new && !self.is_same_type(old, new) {
                    let message = format!("the type inside newtype `{}` changed from `{old}` to `{new}`", pair.name);
                    let report =
                        pair.report(Code::InnerChanged, message, format!("now `{new}`"), format!("was `{old}`"));
                    let help = format!("keep `newtype: {old}`, and declare a second type for new fields");
                    self.break_type(pair, report.help(help));
                }
            }
            (
                Shape::Enum { repr: a, open: was, variants: old, first: before },
                Shape::Enum { repr: b, open: is, variants: new, first: after },
            ) => {
                self.repr(pair, a, b);
                self.openness(pair, *was, *is);
                self.variants(pair, old, new, *was && *is);
                if !was && !is {
                    self.first_variant(pair, (old, *before), (new, *after));
                }
            }
            (Shape::Flags { repr: a, bits: old }, Shape::Flags { repr: b, bits: new }) => {
                self.repr(pair, a, b);
                self.bits(pair, old, new);
            }
            (Shape::Struct { members: old }, Shape::Struct { members: new }) => self.members(pair, None, old, new),
            (Shape::Oneof { variants: old }, Shape::Oneof { variants: new }) => self.oneof(pair, old, new),
            (old, new) => {
                let (old, new) = (old.kind(), new.kind());
                let message = format!("type `{}` changed from {old} to {new}", pair.name);
                let report = pair.report(Code::KindChanged, message, format!("now {new}"), format!("was {old}"));
                self.break_type(
                    pair,
                    report.help("keep it as it was, and declare a type with another name for new fields"),
                );
            }
        }
    }

    fn repr(&mut self, pair: Pair<'a>, then: &str, now: &str) {
        if then != now {
            let message = format!("the representation of type `{}` changed from `{then}` to `{now}`", pair.name);
            let report = pair.report(Code::ReprChanged, message, format!("now `{now}`"), format!("was `{then}`"));
            let help = format!("keep `{then}`, and declare a second type for new fields");
            self.break_type(pair, report.help(help));
        }
    }

    fn openness(&mut self, pair: Pair<'a>, then: bool, now: bool) {
        if then != now {
            let word = |open: bool| if open { "open" } else { "closed" };
            let message = format!("enum `{}` changed from {} to {}", pair.name, word(then), word(now));
            let report = pair.report(
                Code::OpennessChanged,
                message,
                format!("now {}", word(now)),
                format!("was {}", word(then)),
            );
            let help = "keep it as it was, and declare a second type for new fields: a closed enum refuses values that an open one accepts";
            self.break_type(pair, report.help(help));
        }
    }

    /// Reports a break of a type for all messages of the lock that use it. If none does, nothing of it was ever sent.
    pub(super) fn break_type(&mut self, pair: Pair<'a>, report: Report) {
        let messages = self.usage.messages(pair.name);
        let Some(first) = messages.first() else { return self.unheld_type(pair.name, report) };
        let used_by = match messages.len() {
            1 => format!("used by message `{first}`"),
            more => format!("used by {more} messages, the first is `{first}`"),
        };
        let (span, label) = &report.then;
        let then = (*span, if label.is_empty() { used_by } else { format!("{label}; {used_by}") });
        self.broken.extend(&messages);
        self.push(Report { then, ..report }, messages.into_iter().map(str::to_owned).collect());
    }
}
