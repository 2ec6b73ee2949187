//! YAML text → a tree of nodes with spans.
//!
//! This is the only module that knows the YAML crate. It reads events of its parser rather than going through serde: events
//! carry exact byte ranges and the text as written (`1.10`, `no` and `0x12` are not converted). Both places of a
//! duplicate key are available, depth is checked before anything recurses, and no value is deserialized twice to find its
//! position, which matters in build scripts that run unoptimised.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::source::{FileId, Source, Span, Spanned};

/// Bytes in one file.
pub const MAX_BYTES: usize = 16 << 20;
/// Scalars, lists and maps in one file.
const MAX_NODES: usize = 2_000_000;
/// Items in one list or map: as many as there are message ids, and no array is longer.
const MAX_ITEMS: usize = 65_536;
/// Nesting of lists and maps; contracts need seven levels.
const MAX_DEPTH: usize = 16;
/// Keys at the top of one file; contracts have nine.
const MAX_TOP_KEYS: usize = 64;
/// Files above this size, in bytes, are searched for a key of a contract before they are parsed.
const LARGE: usize = 1 << 20;
/// Up to this many keys, comparing all pairs is faster than sorting.
const FEW: usize = 12;
/// Duplicate keys reported of one map.
const MAX_DUPLICATES: usize = 20;

/// A value in the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What a caret can underline: at most one line.
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// Text, as written between its quotes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Neither quoted nor a block: `~` may mean null.
    pub(crate) plain: bool,
    /// The offset of the text in the file, if the file holds it unchanged.
    pub(crate) origin: Option<u32>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Spanned<String>,
    pub(crate) value: Node,
}

impl Node {
    /// Nothing written, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.plain && matches!(scalar.text.as_str(), "" | "~" | "null"))
    }

    /// For messages: `a map`, `a list`, `text`, `nothing`.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Parses one file. Returns `None`, after reporting why, if it is not YAML or uses YAML that contracts don't support. An empty file
/// is a null node.
pub(crate) fn read(source: &Source, file: FileId, findings: &mut Findings) -> Option<Node> {
    if source.text().len() > LARGE && !could_be_contracts(source.text()) {
        let message = "the file has none of the keys of a contract, such as `messages:`";
        findings.push(Finding::new(Code::WrongKind, Span::start_of(file), message));
        return None;
    }
    let mut builder = Builder { source, file, findings, open: Vec::new(), nodes: 0, root: None };
    match builder.run() {
        Ok(()) => Some(builder.root.unwrap_or_else(|| null(Span::start_of(file)))),
        Err(finding) => {
            findings.push(*finding);
            None
        }
    }
}

/// Rejects large files that can't be contracts at once: the parser would read them to the end.
fn could_be_contracts(text: &str) -> bool {
    ["messages", "types", "imports"].iter().any(|key| text.contains(key))
}

/// An error that ends the parsing of a file; boxed, since every step returns it.
type Stop = Box<Finding>;

/// A list or map that is still open.
enum Open {
    List { span: Span, items: Vec<Node> },
    Map { span: Span, entries: Vec<Entry>, key: Option<Spanned<String>> },
}

struct Builder<'a> {
    source: &'a Source,
    file: FileId,
    findings: &'a mut Findings,
    open: Vec<Open>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let mut documents = 0;
        let mut options = granit_parser::Options::default();
        options.emit_unresolved_aliases = true;
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = MAX_DEPTH;
        options.emit_anchor_events = true;
        options.set_emit_comments(false);
        let source = self.source;
        for event in Parser::new_from_str_with_options(source.text(), options) {
            let (event, place) = event.map_err(|error| self.syntax(&error))?;
            let span = self.span(&place);
            if let Some(tag) = place.tag_span() {
                return Err(unsupported(self.span(&tag), "tags are not supported in contracts", "remove the tag"));
            }
            match event {
                Event::DocumentStart(..) if documents == 1 => {
                    let help = "put each document in a file of its own, and list the files under `imports:`";
                    return Err(unsupported(span, "a contract file holds one YAML document", help));
                }
                Event::DocumentStart(..) => documents += 1,
                Event::Scalar(text, style, ..) => self.scalar(text.into_owned(), style, span)?,
                Event::SequenceStart(..) => self.begin(Open::List { span, items: Vec::new() }, span)?,
                Event::MappingStart(..) => self.begin(Open::Map { span, entries: Vec::new(), key: None }, span)?,
                Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
                Event::Anchor(..) | Event::Alias(..) | Event::UnresolvedAlias(..) => {
                    let help = "write the value out, or declare a type under `types:` and use it by name";
                    return Err(unsupported(span, "anchors and aliases are not supported in contracts", help));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn span(&self, place: &granit_parser::Span) -> Span {
        let text = self.source.text();
        let range = place.byte_range().unwrap_or_default();
        let start = range.start.min(text.len());
        let end = range.end.clamp(start, text.len());
        Span { file: self.file, start: to_offset(start), end: to_offset(end) }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) -> Result<(), Stop> {
        self.count(span)?;
        let origin = self.origin(&text, span);
        let plain = style == ScalarStyle::Plain;
        let span = self.first_line(span);
        let top = self.open.len() == 1;
        if let Some(Open::Map { key: key @ None, entries, .. }) = self.open.last_mut() {
            if top && entries.len() == MAX_TOP_KEYS {
                let message = format!("there are more than {MAX_TOP_KEYS} keys at the top of the file");
                return Err(unsupported(span, message, "indent messages under `messages:`"));
            }
            *key = Some(Spanned::new(text, span));
            return Ok(());
        }
        self.place(Node { span, value: Value::Scalar(Scalar { text, plain, origin }) });
        Ok(())
    }

    /// The offset of the unchanged text: the start of a plain scalar, or one byte after the quote of a quoted one.
    fn origin(&self, text: &str, span: Span) -> Option<u32> {
        let written = self.source.text().get(span.range())?;
        if written == text {
            return Some(span.start);
        }
        let inner = written.get(1..written.len().checked_sub(1)?)?;
        (inner == text).then_some(span.start + 1)
    }

    fn begin(&mut self, open: Open, span: Span) -> Result<(), Stop> {
        self.count(span)?;
        if self.open.len() == MAX_DEPTH {
            let message = format!("lists and maps are nested more than {MAX_DEPTH} deep");
            return Err(unsupported(self.first_line(span), message, "remove some levels; contracts need far fewer"));
        }
        if self.open.is_empty() && matches!(open, Open::List { .. }) {
            let message = "the top of a contract file is a map, not a list";
            let finding = Finding::new(Code::WrongKind, self.first_line(span), message);
            return Err(Box::new(finding.help("start with `messages:`")));
        }
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            let message = "a list or map can't be a key";
            return Err(unsupported(
                self.first_line(span),
                message,
                "keys are names; quote text that begins with `{` or `[`",
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, end: Span) -> Result<(), Stop> {
        let (span, value) = match self.open.pop() {
            Some(Open::List { span, items }) => (span, Value::List(items)),
            Some(Open::Map { span, entries, .. }) => (span, Value::Map(self.without_duplicates(entries))),
            None => return Ok(()),
        };
        let span = self.first_line(Span { end: end.end.max(span.end), ..span });
        self.place(Node { span, value });
        Ok(())
    }

    /// Adds a finished node to the innermost open list or map.
    fn place(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => {
                let Some(key) = key.take() else { return };
                // A missing value is shown at its key.
                let span = if node.is_null() && node.span.start == node.span.end { key.span } else { node.span };
                entries.push(Entry { key, value: Node { span, ..node } });
            }
        }
    }

    /// Reports keys that are given twice, and keeps the first of each.
    fn without_duplicates(&mut self, mut entries: Vec<Entry>) -> Vec<Entry> {
        if entries.len() <= FEW && is_distinct(&entries) {
            return entries;
        }
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| entries[*a].key.value.cmp(&entries[*b].key.value).then(a.cmp(b)));
        let mut first = 0;
        let mut dropped = Vec::new();
        for at in 1..order.len() {
            let (one, two) = (&entries[order[first]].key, &entries[order[at]].key);
            if one.value != two.value {
                first = at;
                continue;
            }
            if dropped.len() < MAX_DUPLICATES {
                self.findings.push(duplicate(one, two));
            }
            dropped.push(order[at]);
        }
        dropped.sort_unstable();
        let mut dropped = dropped.into_iter().peekable();
        let mut at = 0;
        entries.retain(|_| {
            at += 1;
            dropped.next_if_eq(&(at - 1)).is_none()
        });
        entries
    }

    /// Counts a node that is about to join the innermost open list or map.
    fn count(&mut self, span: Span) -> Result<(), Stop> {
        self.nodes += 1;
        let items = match self.open.last() {
            Some(Open::List { items, .. }) => items.len(),
            Some(Open::Map { entries, .. }) => entries.len(),
            None => 0,
        };
        if items >= MAX_ITEMS {
            let message = format!("a list or map has more than {MAX_ITEMS} items");
            return Err(unsupported(self.first_line(span), message, "remove some of them; contracts need far fewer"));
        }
        if self.nodes > MAX_NODES {
            let message = format!("the file has more than {MAX_NODES} values");
            return Err(unsupported(self.first_line(span), message, "split it, and list the parts under `imports:`"));
        }
        Ok(())
    }

    fn first_line(&self, span: Span) -> Span {
        let range = self.source.first_line(span.range());
        Span { file: span.file, start: to_offset(range.start), end: to_offset(range.end) }
    }

    fn syntax(&self, error: &ScanError) -> Stop {
        let text = self.source.text();
        let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
        // The parser reports a stray tab after it has passed it.
        let at = if is_tab(error.kind()) { text[..at].trim_end_matches('\t').len() } else { at };
        let width = text[at..].chars().next().filter(|c| !c.is_control()).map_or(0, char::len_utf8);
        let span = Span { file: self.file, start: to_offset(at), end: to_offset(at + width) };
        let (code, mut help) = explain(error.kind());
        if text[at..].starts_with("<=") {
            help = Some("put quotes around a type that begins with `[`, as in `\"[Level]<=10\"`");
        }
        Box::new(Finding::new(code, span, describe(error)).maybe_help(help.map(str::to_owned)))
    }
}

fn describe(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => format!("lists and maps are nested more than {MAX_DEPTH} deep"),
        _ => format!("the file is not valid YAML: {}", error.info()),
    }
}

/// The code, and a help for the most common mistakes.
fn explain(kind: &ErrorKind) -> (Code, Option<&'static str>) {
    let help = match kind {
        ErrorKind::RecursionLimitExceeded => {
            return (Code::Unsupported, Some("remove some levels; contracts need far fewer"));
        }
        kind if is_tab(kind) => "indent with spaces; YAML does not allow tabs there",
        ErrorKind::UnclosedQuotedScalar => "close the quotes",
        ErrorKind::InvalidQuotedScalarIndent => "close the quotes, or indent the lines that continue the text",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::MisplacedFlowCollectionEnd
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping => "close every `[` with `]`, and every `{` with `}`",
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "quote text that contains `: `, and check the indentation"
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            "write `key: value`, indented like the lines around it"
        }
        ErrorKind::UnexpectedCharacter { .. } => "quote text that begins with this character",
        _ => return (Code::Syntax, None),
    };
    (Code::Syntax, Some(help))
}

fn is_distinct(entries: &[Entry]) -> bool {
    entries.iter().enumerate().all(|(at, entry)| entries[..at].iter().all(|before| before.key.value != entry.key.value))
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    )
}

fn duplicate(first: &Spanned<String>, second: &Spanned<String>) -> Finding {
    Finding::new(Code::DuplicateKey, second.span, format!("key `{}` is given twice", second.value))
        .label("given again here")
        .other(first.span, "first given here")
        .help("keep one of the two")
}

fn unsupported(span: Span, message: impl Into<String>, help: &str) -> Stop {
    Box::new(Finding::new(Code::Unsupported, span, message).help(help))
}

fn null(span: Span) -> Node {
    Node { span, value: Value::Scalar(Scalar { text: String::new(), plain: true, origin: None }) }
}

/// Files are at most [`MAX_BYTES`] long, so an offset always fits.
fn to_offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
