//! Findings as users see them: rendered reports, and diagnostics as data.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::code::{Category, Code, Severity};
use crate::diagnostic::{Finding, Label};
use crate::source::{FileId, Source, Sources};

/// The most errors that are drawn; [`Report::diagnostics`] has all of them.
const MAX_DRAWN: usize = 100;
/// Excerpts of more bytes than this are left out: nobody reads such lines.
const MAX_EXCERPT: usize = 16 << 10;
/// Labels that are further apart than this, in lines, are drawn as separate snippets.
const MAX_LINES_BETWEEN: usize = 60;

/// All mistakes of a contract. Its [`Display`](fmt::Display) draws each mistake at its place in the file.
///
/// ```
/// let path = std::env::temp_dir().join("mycelium-report-example.yaml");
/// std::fs::write(&path, "messages: { Bar: { id: 70000, fields: {} } }")?;
/// let report = mycelium_codegen::check(&path).unwrap_err();
/// assert!(report.to_string().contains("error[MYC0009]: a message's id must be a number from 0 to 65535"));
/// assert_eq!(report.diagnostics().len(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Report {
    text: String,
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// A report under a title, such as `contracts.yaml is not valid`.
    pub(crate) fn new(title: &str, sources: &Sources, findings: &[Finding]) -> Self {
        Self { text: draw(title, sources, findings), diagnostics: self::diagnostics(sources, findings) }
    }

    /// Every error, in the order of files and lines.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Report {}

/// One finding: a mistake, a lint, or a change.
///
/// ```
/// let path = std::env::temp_dir().join("mycelium-diagnostic-example.yaml");
/// std::fs::write(&path, "messages:\n  Bar:\n    id: 1\n    feilds: {}\n")?;
/// let report = mycelium_codegen::check(&path).unwrap_err();
/// let unknown = report.diagnostics().iter().find(|diagnostic| diagnostic.code() == "MYC0004").unwrap();
/// assert_eq!((unknown.line(), unknown.column()), (4, 5));
/// assert_eq!(unknown.message(), "unknown key `feilds` in message `Bar`");
/// assert_eq!(unknown.help(), Some("did you mean `fields`?"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    code: Code,
    severity: Severity,
    message: String,
    path: String,
    line: usize,
    column: usize,
    note: Option<String>,
    help: Option<String>,
    others: Vec<Related>,
}

/// A related place of a finding, such as the line of the lock that the contract disagrees with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Related {
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What is there, such as `first used here`.
    pub label: String,
}

impl Diagnostic {
    pub(crate) fn new(sources: &Sources, finding: &Finding) -> Self {
        let place = |label: &Label| {
            let source = sources.get(label.span.file);
            (source.path().to_owned(), source.position(label.span.start))
        };
        let (path, (line, column)) = finding.primary.as_ref().map(place).unwrap_or_default();
        let others = finding.others.iter().map(|label| {
            let (path, (line, column)) = place(label);
            Related { path, line, column, label: label.text.clone() }
        });
        Self {
            code: finding.code,
            severity: finding.severity(),
            message: finding.message.clone(),
            path,
            line,
            column,
            note: finding.note.clone(),
            help: finding.help.clone(),
            others: others.collect(),
        }
    }

    /// The code, such as `MYC0007`; `docs/errors.md` has a section for each.
    pub fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// What a change breaks; `None` for a finding that is not a change.
    pub fn category(&self) -> Option<Category> {
        self.code.category()
    }

    /// Whether it makes the contract invalid.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file, as the caller or `imports:` names it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line, counted from 1; 0 for a file that could not be read.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column, counted from 1 in characters; 0 for a file that could not be read.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Related places; for a change, the place in the lock or in the older contract.
    pub fn related(&self) -> &[Related] {
        &self.others
    }

    /// The consequences; for a change, which programs can still talk to each other.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// How to fix it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// `path:line:column: message [code]`, in one line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}:{}: ", self.path, self.line, self.column)?;
        }
        write!(f, "{}", self.message)?;
        if let Some(then) = self.others.first().filter(|_| self.category().is_some()) {
            write!(f, " ({}:{})", then.path, then.line)?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        write!(f, " [{}]", self.code.title())
    }
}

fn draw(title: &str, sources: &Sources, findings: &[Finding]) -> String {
    format!("{title}\n\n{}", drawn(&Renderer::plain(), sources, findings)).trim_end().to_owned()
}

/// Each finding at its place, with colours for a terminal; empty if there are none.
pub(crate) fn styled<'f>(sources: &Sources, findings: impl IntoIterator<Item = &'f Finding>) -> String {
    drawn(&Renderer::styled(), sources, findings)
}

/// Findings as data.
pub(crate) fn diagnostics<'f>(sources: &Sources, findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Diagnostic> {
    findings.into_iter().map(|finding| Diagnostic::new(sources, finding)).collect()
}

/// Each finding at its place, with an empty line between two of them.
fn drawn<'f>(renderer: &Renderer, sources: &Sources, findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let mut findings = findings.into_iter();
    let mut texts: Vec<String> =
        findings.by_ref().take(MAX_DRAWN).map(|finding| renderer.render(&[group(sources, finding)])).collect();
    match findings.count() {
        0 => {}
        more => texts.push(format!("and {more} more")),
    }
    texts.iter().map(|text| text.trim_end()).collect::<Vec<_>>().join("\n\n")
}

fn group<'a>(sources: &'a Sources, finding: &'a Finding) -> Group<'a> {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Lint => Level::WARNING,
    };
    let title = level.primary_title(&*finding.message).id(finding.code.title());
    let excerpts = windows(sources, finding).into_iter().map(|window| window.excerpt(sources));
    let notes = finding.note.iter().map(|note| Level::NOTE.message(&**note));
    let helps = finding.help.iter().map(|help| Level::HELP.message(&**help));
    title.elements(excerpts).elements(notes.chain(helps))
}

/// Lines of one file that are drawn together, and their labels.
struct Window<'a> {
    file: FileId,
    lines: Range<usize>,
    labels: Vec<(AnnotationKind, &'a Label)>,
}

/// The windows of a finding: the primary label first, and others joined to it if they are near.
fn windows<'a>(sources: &Sources, finding: &'a Finding) -> Vec<Window<'a>> {
    let primary = finding.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let others = finding.others.iter().map(|label| (AnnotationKind::Context, label));
    let mut windows: Vec<Window<'a>> = Vec::new();
    for (kind, label) in primary.chain(others) {
        let line = sources.get(label.span.file).line_index(label.span.start);
        let near = |window: &&mut Window<'_>| {
            window.file == label.span.file
                && line + MAX_LINES_BETWEEN >= window.lines.start
                && line <= window.lines.end + MAX_LINES_BETWEEN
        };
        if let Some(window) = windows.iter_mut().find(near) {
            window.lines = window.lines.start.min(line)..window.lines.end.max(line + 1);
            window.labels.push((kind, label));
        } else {
            windows.push(Window { file: label.span.file, lines: line..line + 1, labels: vec![(kind, label)] });
        }
    }
    windows
}

impl<'a> Window<'a> {
    /// Passes only the lines of the window to the renderer, so that a large file costs no more than a small one.
    fn excerpt(self, sources: &'a Sources) -> Element<'a> {
        let source = sources.get(self.file);
        let start = source.line_start(self.lines.start) as usize;
        let end = source.line_start(self.lines.end) as usize;
        let text = source.text().get(start..end).unwrap_or_default();
        let text = text.trim_end_matches(['\n', '\r']);
        if text.len() > MAX_EXCERPT {
            return self.origin(source).into();
        }
        let mut snippet: Snippet<'a, Annotation<'a>> =
            Snippet::source(text).path(source.path()).line_start(self.lines.start + 1);
        for (kind, label) in self.labels {
            let range = visible(source, label, start, text.len());
            let label = Some(label.text.as_str()).filter(|text| !text.is_empty());
            snippet = snippet.annotation(kind.span(range).label(label));
        }
        snippet.into()
    }

    /// The place without an excerpt.
    fn origin(&self, source: &'a Source) -> Origin<'a> {
        let at = self.labels.first().map_or(0, |(_, label)| label.span.start);
        let (line, column) = source.position(at);
        Origin::path(source.path()).line(line).char_column(column)
    }
}

/// The range of a label within the text of its window.
fn visible(source: &Source, label: &Label, start: usize, length: usize) -> Range<usize> {
    let range = source.first_line(label.span.range());
    let from = range.start.saturating_sub(start).min(length);
    from..range.end.saturating_sub(start).clamp(from, length)
}
