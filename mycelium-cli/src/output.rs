//! Where commands print, and how they end.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use mycelium_codegen::internal::files;
use serde_json::Value;

/// The largest file other than a contract or lock, in bytes: generated code, frames, JSON.
const MAX_BYTES: usize = 256 << 20;

/// The result of a command that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Exit code 0.
    Fine,
    /// Exit code 1: the output has findings.
    Findings,
}

impl Verdict {
    pub(super) fn found(anything: bool) -> Self {
        if anything { Self::Findings } else { Self::Fine }
    }
}

/// Why a command stopped; the text goes to standard error.
#[derive(Debug)]
pub(super) enum Stop {
    /// Exit code 1: a report on the input.
    Findings(String),
    /// Exit code 2: the command failed.
    Failure(String),
}

pub(super) type Result<T> = std::result::Result<T, Stop>;

/// The failure of a command.
pub(super) fn failure(text: impl Display) -> Stop {
    Stop::Failure(text.to_string())
}

/// The content of a regular file, up to a limit.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    files::read(path, MAX_BYTES).map_err(|error| failure(format_args!("can't read `{}`: {error}", path.display())))
}

/// The content of standard input, up to a limit.
pub(super) fn stdin() -> Result<Vec<u8>> {
    files::read_bounded(io::stdin().lock(), MAX_BYTES)
        .map_err(|error| failure(format_args!("can't read standard input: {error}")))
}

/// Writes a file.
pub(super) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    files::write(path, bytes.as_ref())
        .map_err(|error| failure(format_args!("can't write `{}`: {error}", path.display())))
}

/// The format of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs
    Json,
}

/// Standard output. Styles are removed unless it is a terminal.
pub(super) struct Out {
    stream: anstream::AutoStream<io::Stdout>,
    error: Option<io::Error>,
}

impl Out {
    pub(super) fn new() -> Self {
        Self { stream: anstream::AutoStream::auto(io::stdout()), error: None }
    }

    /// Prints text.
    pub(super) fn print(&mut self, text: impl AsRef<str>) {
        self.bytes_through(text.as_ref().as_bytes(), |stream, bytes| stream.write_all(bytes));
    }

    /// Prints a line.
    pub(super) fn line(&mut self, text: impl Display) {
        self.print(format!("{text}\n"));
    }

    /// Prints bytes.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes_through(bytes, |stream, bytes| stream.as_inner().lock().write_all(bytes));
    }

    /// Prints a JSON document.
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

    /// Returns the error of the output, if there was one. A reader that closed the pipe is not an error.
    pub(super) fn finish(mut self) -> Result<()> {
        let error = self.error.take().or_else(|| self.stream.flush().err());
        match error.filter(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            Some(error) => Err(failure(format_args!("can't write to standard output: {error}"))),
            None => Ok(()),
        }
    }
}

/// Prints notes and reports to standard error.
pub(super) fn to_stderr(text: &str) {
    // If standard error is closed, there is nowhere to report it.
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

/// Green text, for success.
pub(super) fn good(text: impl Display) -> String {
    styled(Style::new().fg_color(Some(AnsiColor::Green.into())), text)
}

/// Red text, for findings.
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
