//! What changed between two versions of a contract, and what it breaks.
//!
//! A change is WIRE if programs built before and after it would misread or refuse each other, SOURCE if only code has to
//! follow, LINT if it is worth a look. Every finding shows both places: the contract now, the lock then.

mod field;
mod member;
mod message;
mod rule;
mod schema;
mod types;
mod usage;
mod value;

use std::collections::HashSet;

use crate::code::{Category, Code};
use crate::diagnostic::Finding;
use crate::lock::snapshot::Snapshot;
use crate::source::{Span, Spanned};
use usage::Usage;

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) finding: Finding,
    /// Of a WIRE break: the messages that it breaks, by the names they had; empty if it breaks the schema as a whole.
    pub(crate) messages: Vec<String>,
}

/// Compares what was promised with what is promised now.
pub(crate) fn compare(then: &Snapshot, now: &Snapshot) -> Vec<Change> {
    let mut comparison =
        Comparison { then, now, usage: Usage::of(then), broken: HashSet::new(), changes: Vec::new(), grown: None };
    comparison.schema();
    comparison.types();
    comparison.messages();
    comparison.lock_behind();
    comparison.changes
}

struct Comparison<'a> {
    then: &'a Snapshot,
    now: &'a Snapshot,
    /// Which messages hold which types.
    usage: Usage<'a>,
    /// Messages of the lock in whose layout a break has been found.
    broken: HashSet<&'a str>,
    changes: Vec<Change>,
    /// Something that the lock does not know yet, and that breaks nothing.
    grown: Option<Spanned<String>>,
}

/// A change about to be reported.
struct Report {
    code: Code,
    message: String,
    now: (Span, String),
    then: (Span, String),
    help: Option<String>,
}

impl Report {
    fn new(code: Code, message: impl Into<String>) -> Self {
        let nowhere = Span::start_of(crate::source::FileId(0));
        let (now, then) = ((nowhere, String::new()), (nowhere, String::new()));
        Self { code, message: message.into(), now, then, help: None }
    }

    fn now(mut self, span: Span, label: impl Into<String>) -> Self {
        self.now = (span, label.into());
        self
    }

    fn then(mut self, span: Span, label: impl Into<String>) -> Self {
        self.then = (span, label.into());
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl<'a> Comparison<'a> {
    /// Reports a change of the schema as a whole, or one that breaks nothing.
    fn report(&mut self, report: Report) {
        self.push(report, Vec::new());
    }

    /// Reports a change within one message.
    fn report_in(&mut self, message: &'a str, report: Report) {
        let is_break = report.code.category() == Some(Category::Wire);
        if is_break {
            self.broken.insert(message);
        }
        self.push(report, if is_break { vec![message.to_owned()] } else { Vec::new() });
    }

    fn push(&mut self, report: Report, messages: Vec<String>) {
        let finding = Finding::new(report.code, report.now.0, report.message).label(report.now.1);
        let finding = finding.other(report.then.0, report.then.1).maybe_help(report.help);
        self.changes.push(Change { finding, messages });
    }

    /// Notes that the contracts hold something new; one finding tells of the first.
    fn grew(&mut self, what: String, place: Span) {
        self.grown.get_or_insert(Spanned::new(what, place));
    }

    fn lock_behind(&mut self) {
        let Some(grown) = self.grown.take() else { return };
        let message = format!("{} is not in the lock yet", grown.value);
        let report = Report::new(Code::LockBehind, message).now(grown.span, "from here on");
        let report = report.then(self.then.version.span, "the version that is locked");
        self.report(report.help("run `mycelium lock` once this version is used, so that it is kept as well"));
    }
}
