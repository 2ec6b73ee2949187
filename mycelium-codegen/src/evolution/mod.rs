//! What changed between two versions of a contract, and what that breaks.
//!
//! A change is WIRE if programs built before and after it misread or refuse each other, SOURCE if only source code must be updated,
//! and LINT if it breaks neither. Every finding shows both places: in the current contract, and in the lock or older contract.

mod attributes;
mod effect;
mod exchange;
mod field;
mod growth;
mod member;
mod message;
mod schema;
mod types;
mod usage;
mod value;

use std::collections::HashSet;

use crate::code::{Category, Code};
use crate::diagnostic::Finding;
use crate::lock::snapshot::Snapshot;
use crate::source::{Span, Spanned};
pub(crate) use usage::Usage;

pub use effect::Effect;
pub use exchange::{Delivery, Exchange, Way};

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) finding: Finding,
    /// The messages that a WIRE break affects, by their older names; empty if it affects all of them.
    pub(crate) messages: Vec<String>,
    /// How the handshake treats a WIRE break.
    pub(crate) effect: Option<Effect>,
}

/// All changes, and what happens to each message.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    pub(crate) list: Vec<Change>,
    /// By id.
    pub(crate) exchanges: Vec<Exchange>,
}

/// Compares an older snapshot with a current one.
pub(crate) fn compare(then: &Snapshot, now: &Snapshot) -> Changes {
    let mut comparison = Comparison {
        then,
        now,
        usage: Usage::of(then),
        exchanges: exchange::exchanges(then, now),
        broken: HashSet::new(),
        changes: Vec::new(),
        grown: Vec::new(),
    };
    comparison.schema();
    comparison.types();
    comparison.messages();
    comparison.judge();
    comparison.lock_behind();
    Changes { list: comparison.changes, exchanges: comparison.exchanges }
}

struct Comparison<'a> {
    then: &'a Snapshot,
    now: &'a Snapshot,
    /// Which messages use which types.
    usage: Usage<'a>,
    /// What happens to each message.
    exchanges: Vec<Exchange>,
    /// Messages of the lock whose layout has a reported break.
    broken: HashSet<&'a str>,
    changes: Vec<Change>,
    /// Additions that the lock lacks.
    grown: Vec<Spanned<String>>,
}

/// A change about to be reported.
struct Report {
    code: Code,
    message: String,
    now: (Span, String),
    then: (Span, String),
    note: Option<String>,
    help: Option<String>,
}

impl Report {
    fn new(code: Code, message: impl Into<String>) -> Self {
        let nowhere = Span::start_of(crate::source::FileId(0));
        let (now, then) = ((nowhere, String::new()), (nowhere, String::new()));
        Self { code, message: message.into(), now, then, note: None, help: None }
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
    /// Reports a change that affects all messages, or breaks none.
    fn report(&mut self, report: Report) {
        self.push(report, Vec::new());
    }

    /// Reports a change within one message.
    fn report_in(&mut self, message: &'a str, report: Report) {
        let is_break = report.code.category() == Some(Category::Wire);
        // Rules and defaults don't change layouts.
        let is_of_layout = !matches!(report.code, Code::RuleTightened | Code::RuleRelaxed | Code::DefaultChanged);
        if is_break && is_of_layout {
            self.broken.insert(message);
        }
        self.push(report, if is_break { vec![message.to_owned()] } else { Vec::new() });
    }

    /// Reports a break of several messages that changes no layout.
    fn report_of(&mut self, messages: Vec<&'a str>, report: Report) {
        self.push(report, messages.into_iter().map(str::to_owned).collect());
    }

    fn push(&mut self, report: Report, messages: Vec<String>) {
        let finding = Finding::new(report.code, report.now.0, report.message).label(report.now.1);
        let mut finding = finding.other(report.then.0, report.then.1).maybe_help(report.help);
        finding.note = report.note;
        self.changes.push(Change { finding, messages, effect: None });
    }

    /// Reports all additions in one finding.
    fn lock_behind(&mut self) {
        let Some((first, more)) = self.grown.split_first() else { return };
        let (subject, verb) = match more.len() {
            0 => (first.value.clone(), "is"),
            1 => (format!("{} and 1 more change", first.value), "are"),
            more => (format!("{} and {more} more changes", first.value), "are"),
        };
        let report = Report::new(Code::LockBehind, format!("{subject} {verb} not in the lock yet"));
        let report = report.now(first.span, "first here").then(self.then.version.span, "the locked version");
        let help = "run `mycelium lock` once this version is in use; `mycelium diff` of the lock and the contract shows which \
                    programs can talk to each other";
        self.report(report.help(help));
    }
}
