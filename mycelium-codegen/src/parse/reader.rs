//! Reads the tree node by node: each step returns a value, or reports why it can't.

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::keys::{Dialect, Place};
use crate::number::Integer;
use crate::source::{Span, Spanned};
use crate::suggest;
use crate::suggest::did_you_mean;
use crate::yaml::{Entry, Node, Value};

/// Text and its position.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
    pub(crate) origin: Option<u32>,
}

impl Text {
    /// The span of a part of the text, or of all of it if the file does not hold the text unchanged.
    pub(crate) fn part(&self, start: usize, end: usize) -> Span {
        match self.origin {
            Some(origin) => Span { file: self.span.file, start: origin + start as u32, end: origin + end as u32 },
            None => self.span,
        }
    }
}

/// Collects findings, and has the steps that every section needs.
pub(crate) struct Reader<'a> {
    pub(crate) findings: &'a mut Findings,
}

impl Reader<'_> {
    /// The entries of a map.
    pub(crate) fn map(&mut self, node: Node, what: &str) -> Option<Vec<Entry>> {
        match node.value {
            Value::Map(entries) => Some(entries),
            _ => self.wrong_kind(&node, what, "a map"),
        }
    }

    /// The entries of a map; no value means an empty map.
    pub(crate) fn map_or_nothing(&mut self, node: Node, what: &str) -> Option<Vec<Entry>> {
        if node.is_null() { Some(Vec::new()) } else { self.map(node, what) }
    }

    /// The items of a list; no value means an empty list.
    pub(crate) fn list(&mut self, node: Node, what: &str) -> Option<Vec<Node>> {
        match node.value {
            Value::List(items) => Some(items),
            _ if node.is_null() => Some(Vec::new()),
            _ => self.wrong_kind(&node, what, "a list"),
        }
    }

    /// Text that is not empty.
    pub(crate) fn text(&mut self, node: Node, what: &str) -> Option<Text> {
        if node.is_null() {
            return self.wrong_kind(&node, what, "text");
        }
        match node.value {
            Value::Scalar(scalar) => Some(Text { value: scalar.text, span: node.span, origin: scalar.origin }),
            _ => self.wrong_kind(&node, what, "text"),
        }
    }

    /// Text for people, such as a doc: control characters, which Rust comments can't hold, become spaces.
    pub(crate) fn prose(&mut self, node: Node, what: &str) -> Option<String> {
        let text = self.text(node, what)?.value;
        if !text.contains(|c: char| c.is_control() || c.is_whitespace() && c != ' ') && text.trim().len() == text.len()
        {
            return Some(text);
        }
        let clean = text.replace("\r\n", "\n").replace(|c: char| c.is_control() && c != '\n', " ");
        Some(clean.trim().to_owned())
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, node: Node, what: &str) -> Option<bool> {
        let span = node.span;
        match self.text(node, what)?.value.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                let message = format!("{what} must be `true` or `false`, not `{}`", shorten(other));
                self.findings.push(Finding::new(Code::WrongKind, span, message));
                None
            }
        }
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, node: Node, what: &str) -> Option<Spanned<Integer>> {
        let text = self.text(node, what)?;
        let Some(number) = Integer::parse(&text.value) else {
            let message = format!("{what} must be a whole number, not `{}`", shorten(&text.value));
            self.findings.push(Finding::new(Code::BadNumber, text.span, message));
            return None;
        };
        Some(Spanned::new(number, text.span))
    }

    /// A whole number from `least` to 65,535.
    pub(crate) fn small(&mut self, node: Node, what: &str, least: u16) -> Option<Spanned<u16>> {
        let number = self.integer(node, what)?;
        let value = number.value.to_i128().and_then(|value| u16::try_from(value).ok()).filter(|value| *value >= least);
        if value.is_none() {
            let message = format!("{what} must be a number from {least} to 65535");
            self.findings.push(Finding::new(Code::BadNumber, number.span, message).label("out of range"));
        }
        Some(Spanned::new(value?, number.span))
    }

    /// Fills a slot that a key may set under two names, and reports the second.
    pub(crate) fn once<T>(&mut self, slot: &mut Option<(Spanned<String>, T)>, key: Spanned<String>, value: T) {
        if let Some((first, _)) = slot {
            let message = format!("`{}` and `{}` are the same key, and both are given", first.value, key.value);
            let finding = Finding::new(Code::DuplicateKey, key.span, message).label("given again here");
            self.findings.push(finding.other(first.span, "first given here").help("keep one of the two"));
        } else {
            *slot = Some((key, value));
        }
    }

    /// Reports an unknown key. The help lists current keys only, but also suggests keys of the older dialect for a typo.
    pub(crate) fn unknown_key(&mut self, key: &Spanned<String>, what: &str, place: &Place) {
        let names: Vec<&str> = place.keys().map(|key| key.name).collect();
        let listed: Vec<&str> =
            place.keys().filter(|key| key.dialect == Dialect::Current).map(|key| key.name).collect();
        self.unknown_name(key, what, &names, &listed);
    }

    /// Reports a key that is not one of `names`, and suggests the one that was meant, or lists those that there are.
    pub(crate) fn unknown_name(&mut self, key: &Spanned<String>, what: &str, names: &[&str], listed: &[&str]) {
        let foreign = || suggest::key_instead(&key.value, listed).map(|meant| format!("did you mean `{meant}`?"));
        let help = did_you_mean(&key.value, names.iter().copied())
            .or_else(foreign)
            .unwrap_or_else(|| format!("the known keys are {}", listing(listed)));
        let message = format!("unknown key `{}` in {what}", shorten(&key.value));
        self.findings.push(Finding::new(Code::UnknownKey, key.span, message).label("unknown key").help(help));
    }

    /// Reports that a required key is missing.
    pub(crate) fn missing_key(&mut self, span: Span, place: &str, key: &str, example: &str) {
        let message = format!("{place} has no `{key}`");
        self.findings.push(Finding::new(Code::MissingKey, span, message).help(format!("add {example}")));
    }

    pub(crate) fn wrong_kind<T>(&mut self, node: &Node, what: &str, wanted: &str) -> Option<T> {
        let message = format!("{what} must be {wanted}, not {}", node.kind());
        self.findings.push(Finding::new(Code::WrongKind, node.span, message).label(format!("expected {wanted}")));
        None
    }
}

/// `a`, `b` and `c`
pub fn listing(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Text from the file, shortened to one line for a message.
pub fn shorten(text: &str) -> String {
    let line: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() < text.len() { format!("{line}…") } else { line }
}
