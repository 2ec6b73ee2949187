//! What changed between two versions of a contract, and what it breaks.
//!
//! A change is WIRE if programs built before and after it would misread or refuse each other, SOURCE if only code has to
//! follow, LINT if it is worth a look. Every finding shows both places: the contract now, the lock then.

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
    /// Of a WIRE break: the messages that it breaks, by the names they had; empty if it breaks the schema as a whole.
    pub(crate) messages: Vec<String>,
    /// Of a WIRE break: what the handshake makes of it.
    pub(crate) effect: Option<Effect>,
}

/// What changed, and what becomes of each message.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    pub(crate) list: Vec<Change>,
    /// By id.
    pub(crate) exchanges: Vec<Exchange>,
}

/// Compares what was promised with what is promised now.
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
    /// Which messages hold which types.
    usage: Usage<'a>,
    /// What becomes of each message.
    exchanges: Vec<Exchange>,
    /// Messages of the lock in whose layout a break has been found.
    broken: HashSet<&'a str>,
    changes: Vec<Change>,
    /// What the lock does not know yet, and breaks nothing.
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
    /// Reports a change of the schema as a whole, or one that breaks nothing.
    fn report(&mut self, report: Report) {
        self.push(report, Vec::new());
    }

    /// Reports a change within one message.
    fn report_in(&mut self, message: &'a str, report: Report) {
        let is_break = report.code.category() == Some(Category::Wire);
        // Rules and defaults leave every byte where it is.
        let is_of_layout = !matches!(report.code, Code::RuleTightened | Code::RuleRelaxed | Code::DefaultChanged);
        if is_break && is_of_layout {
            self.broken.insert(message);
        }
        self.push(report, if is_break { vec![message.to_owned()] } else { Vec::new() });
    }

    /// Reports a break of several messages that leaves every byte where it is.
    fn report_of(&mut self, messages: Vec<&'a str>, report: Report) {
        self.push(report, messages.into_iter().map(str::to_owned).collect());
    }

    fn push(&mut self, report: Report, messages: Vec<String>) {
        let finding = Finding::new(report.code, report.now.0, report.message).label(report.now.1);
        let mut finding = finding.other(report.then.0, report.then.1).maybe_help(report.help);
        finding.note = report.note;
        self.changes.push(Change { finding, messages, effect: None });
    }

    /// One finding tells of all that is new.
    fn lock_behind(&mut self) {
        let Some((first, more)) = self.grown.split_first() else { return };
        let (subject, verb) = match more.len() {
            0 => (first.value.clone(), "is"),
            1 => (format!("{} and 1 more change", first.value), "are"),
            more => (format!("{} and {more} more changes", first.value), "are"),
        };
        let report = Report::new(Code::LockBehind, format!("{subject} {verb} not in the lock yet"));
        let report = report.now(first.span, "from here on").then(self.then.version.span, "the version that is locked");
        let help = "run `mycelium lock` once this version is used, so that it is kept as well; `mycelium diff` of the lock \
                    and the contract says who can talk to whom";
        self.report(report.help(help));
    }
}
