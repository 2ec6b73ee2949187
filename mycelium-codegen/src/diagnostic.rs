//! Findings as data: what is wrong, where, and how to mend it.

use crate::code::{Code, Severity};
use crate::source::Span;

/// A place in a file and what is to be said about it.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) span: Span,
    pub(crate) text: String,
}

/// One finding, positions still as spans.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// Where it is; none for a file that could not be read at all.
    pub(crate) primary: Option<Label>,
    /// Other places that matter, such as the first of two clashing names.
    pub(crate) others: Vec<Label>,
    /// What follows from it, for whom.
    pub(crate) note: Option<String>,
    /// How to mend it.
    pub(crate) help: Option<String>,
    /// A lint that the contract denies.
    pub(crate) denied: bool,
}

impl Finding {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let primary = Some(Label { span, text: String::new() });
        Self { code, message: message.into(), primary, others: Vec::new(), note: None, help: None, denied: false }
    }

    /// A finding about no place in particular.
    pub(crate) fn nowhere(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), primary: None, others: Vec::new(), note: None, help: None, denied: false }
    }

    /// How bad it is.
    pub(crate) fn severity(&self) -> Severity {
        if self.denied { Severity::Error } else { self.code.severity() }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Option<Span> {
        self.primary.as_ref().map(|label| label.span)
    }

    /// What stands at the caret.
    pub(crate) fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// A second place.
    pub(crate) fn other(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { span, text: text.into() });
        self
    }

    /// How to mend it.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Like [`help`](Self::help), where there may be none.
    pub(crate) fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }
}

/// Collects findings: parsing and checking go on after a mistake, and report everything at once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    errors: usize,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        if finding.severity() == Severity::Error {
            self.errors += 1;
        }
        self.list.push(finding);
    }

    /// How many errors there are so far: a declaration during which it grew is broken.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// All findings, in the order of files and positions.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(Finding::place);
        self.list
    }
}
