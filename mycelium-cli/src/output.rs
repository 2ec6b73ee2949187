//! Where commands print, and how they end.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use mycelium_codegen::internal::files;
use serde_json::Value;

/// What a file may have that is neither a contract nor a lock: generated code, frames, JSON.
const MAX_BYTES: usize = 256 << 20;

/// How a command that could be carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Exit code 0.
    Fine,
    /// Exit code 1: what was printed needs somebody's attention.
    Findings,
}

impl Verdict {
    pub(super) fn found(anything: bool) -> Self {
        if anything { Self::Findings } else { Self::Fine }
    }
}

/// Why a command stopped early; the text goes to standard error.
#[derive(Debug)]
pub(super) enum Stop {
    /// Exit code 1: a report on what was given.
    Findings(String),
    /// Exit code 2: the command could not be carried out.
    Failure(String),
}

pub(super) type Result<T> = std::result::Result<T, Stop>;

/// A command that could not be carried out.
pub(super) fn failure(text: impl Display) -> Stop {
    Stop::Failure(text.to_string())
}

/// What a regular file holds, up to a bound.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    files::read(path, MAX_BYTES).map_err(|error| failure(format_args!("can't read `{}`: {error}", path.display())))
}

/// All of standard input, up to a bound.
pub(super) fn stdin() -> Result<Vec<u8>> {
    files::read_bounded(io::stdin().lock(), MAX_BYTES)
        .map_err(|error| failure(format_args!("can't read standard input: {error}")))
}

/// Writes a file.
pub(super) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    files::write(path, bytes.as_ref())
        .map_err(|error| failure(format_args!("can't write `{}`: {error}", path.display())))
}

/// For people, or for a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// Standard output. Styles are taken out of text where nobody would see them.
pub(super) struct Out {
    stream: anstream::AutoStream<io::Stdout>,
    error: Option<io::Error>,
}

impl Out {
    pub(super) fn new() -> Self {
        Self { stream: anstream::AutoStream::auto(io::stdout()), error: None }
    }

    /// Prints text as it is.
    pub(super) fn print(&mut self, text: impl AsRef<str>) {
        self.bytes_through(text.as_ref().as_bytes(), |stream, bytes| stream.write_all(bytes));
    }

    /// Prints a line.
    pub(super) fn line(&mut self, text: impl Display) {
        self.print(format!("{text}\n"));
    }

    /// Prints bytes that are no text.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes_through(bytes, |stream, bytes| stream.as_inner().lock().write_all(bytes));
    }

    /// Prints a document for machines.
    pub(super) fn json(&mut self, value: &Value) {
        self.line(format_args!("{value:#}"));
    }

    fn bytes_through(
        &mut self,
        bytes: &[u8],
        write: impl FnOnce(&mut anstream::AutoStream<io::Stdout>, &[u8]) -> io::Result<()>,
    ) {
        if self.error.is_none() {
            self.error = write(&mut self.stream, bytes).err();
        }
    }

    /// What went wrong with the output, if anything did: a reader that had enough is no mistake.
    pub(super) fn finish(mut self) -> Result<()> {
        let error = self.error.take().or_else(|| self.stream.flush().err());
        match error.filter(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            Some(error) => Err(failure(format_args!("can't write to standard output: {error}"))),
            None => Ok(()),
        }
    }
}

/// Prints beside the output: notes and reports.
pub(super) fn to_stderr(text: &str) {
    // If standard error is gone, so is whoever could be told.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// `error`, as clap writes it.
pub(super) fn error_label() -> String {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    styled(style, "error")
}

/// A title or a name.
pub(super) fn strong(text: impl Display) -> String {
    styled(Style::new().bold(), text)
}

/// What is good.
pub(super) fn good(text: impl Display) -> String {
    styled(Style::new().fg_color(Some(AnsiColor::Green.into())), text)
}

/// What needs attention.
pub(super) fn bad(text: impl Display) -> String {
    styled(Style::new().fg_color(Some(AnsiColor::Red.into())), text)
}

/// The same text without styles.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `1 message`, `2 messages`
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
