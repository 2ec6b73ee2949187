//! Findings as data: what is wrong, where, and how to fix it.

use crate::code::{Code, Severity};
use crate::source::Span;

/// A place in a file, and a text about it.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) span: Span,
    pub(crate) text: String,
}

/// One finding, with positions as spans.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// Where it is; `None` for a file that could not be read.
    pub(crate) primary: Option<Label>,
    /// Related places, such as the first of two equal names.
    pub(crate) others: Vec<Label>,
    /// The consequences.
    pub(crate) note: Option<String>,
    /// How to fix it.
    pub(crate) help: Option<String>,
    /// Whether it is a lint that the contract denies.
    pub(crate) denied: bool,
}

impl Finding {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let primary = Some(Label { span, text: String::new() });
        Self { code, message: message.into(), primary, others: Vec::new(), note: None, help: None, denied: false }
    }

    /// A finding without a place.
    pub(crate) fn nowhere(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), primary: None, others: Vec::new(), note: None, help: None, denied: false }
    }

    /// The severity.
    pub(crate) fn severity(&self) -> Severity {
        if self.denied { Severity::Error } else { self.code.severity() }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Option<Span> {
        self.primary.as_ref().map(|label| label.span)
    }

    /// The text at the caret.
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

    /// How to fix it.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Like [`help`](Self::help), if there is one.
    pub(crate) fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }
}

/// Collects findings: parsing and checking continue after a mistake, and one report has all of them.
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

    /// The number of errors so far. If it grows while a declaration is checked, the declaration is broken.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// All findings, by file and position.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(Finding::place);
        self.list
    }
}
