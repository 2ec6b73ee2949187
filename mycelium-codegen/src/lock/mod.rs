//! The lock of a contract: what it promised when it was last locked, to be committed beside it.
//!
//! `contracts.yaml` has `contracts.lock`, and `game.yaml` has `game.lock`. A lock is text, sorted, one fact a line, so that a
//! diff of it shows what changed on the wire. Where a lock exists, every build and [`check`](crate::check) compare the
//! contract with it: a WIRE break is an error, what only concerns source code is a warning. [`write()`] brings the lock up to
//! date, and refuses a WIRE break unless it is named.

pub(crate) mod compare;
mod read;
pub(crate) mod snapshot;
mod take;
mod text;
pub(crate) mod update;

use std::io;
use std::path::{Path, PathBuf};

use crate::code::Code;
use crate::compiled::Compiled;
use crate::diagnostic::{Finding, Findings};
use crate::evolution::{self, Change};
use crate::files;
use crate::report::{Diagnostic, Report};
use crate::source::{Source, Sources, Span};
use crate::yaml::MAX_BYTES;
use snapshot::Snapshot;

pub use crate::evolution::{Delivery, Exchange, Way};
use compare::compare_files;
pub(crate) use take::take;
pub(crate) use text::text as text_of;
pub(crate) use update::prepare;

/// Where the lock of a contract file is: beside it, with `.lock` in place of `.yaml`.
///
/// ```
/// use std::path::Path;
/// assert_eq!(mycelium_codegen::lock::path_of("trade/contracts.yaml"), Path::new("trade/contracts.lock"));
/// ```
pub fn path_of(contract: impl AsRef<Path>) -> PathBuf {
    contract.as_ref().with_extension("lock")
}

/// The text that a lock of this contract would have. `path` is relative to the current directory.
///
/// # Errors
/// All mistakes in the contract, apart from those against its lock.
///
/// ```
/// let path = std::env::temp_dir().join("mycelium-lock-text-example.yaml");
/// std::fs::write(&path, "messages: { Bar: { id: 1, fields: { close: u64 } } }")?;
/// let text = mycelium_codegen::lock::text(&path).unwrap();
/// assert!(text.contains("message Bar = 1\n"));
/// assert!(text.contains("message Bar field close = offset 0, u64\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn text(path: impl AsRef<Path>) -> Result<String, Report> {
    let path = path.as_ref();
    let compiled = Compiled::alone(Path::new(""), path);
    match compiled.report(path) {
        Some(report) => Err(report),
        None => Ok(text_of(&compiled.snapshot())),
    }
}

/// What [`write()`] did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Written {
    /// The lock.
    pub path: PathBuf,
    /// False where the lock was as it should be, and was left alone.
    pub changed: bool,
    /// What the new lock accepts: breaks that were named, and changes that are no breaks.
    pub accepted: Vec<Diagnostic>,
}

/// Writes the lock of a contract file. `path` is relative to the current directory.
///
/// `breaks` are messages whose WIRE breaks are accepted, by the names that the lock has for them; `schema` stands for what
/// concerns all of them, such as the schema's name. A break that is accepted needs a new `schema.version`, and
/// `min_compatible` above the version that was locked, so that the programs it breaks are refused when they connect.
///
/// # Errors
/// All mistakes in the contract, every WIRE break that is not named, versions that don't tell of an accepted break, and a
/// lock that can't be read or written. The lock is then as it was.
///
/// ```
/// use mycelium_codegen::lock;
///
/// let path = std::env::temp_dir().join("mycelium-lock-write-example.yaml");
/// # let _ = std::fs::remove_file(lock::path_of(&path));
/// std::fs::write(&path, "messages: { Bar: { id: 1, fields: { close: u64 } } }")?;
/// assert!(lock::write(&path, &[]).unwrap().changed);
///
/// std::fs::write(&path, "messages: { Bar: { id: 1, fields: { close: u32 } } }")?;
/// let report = mycelium_codegen::check(&path).unwrap_err();
/// assert_eq!(report.diagnostics()[0].message(), "field `close` of `Bar` is of type `u32` and was of `u64`");
/// assert!(lock::write(&path, &[]).is_err());
///
/// let schema = "schema: { version: 2, min_compatible: 2 }";
/// std::fs::write(&path, format!("{schema}\nmessages: {{ Bar: {{ id: 1, fields: {{ close: u32 }} }} }}"))?;
/// assert!(lock::write(&path, &["Bar"]).unwrap().changed);
/// # std::fs::remove_file(lock::path_of(&path))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write(path: impl AsRef<Path>, breaks: &[&str]) -> Result<Written, Report> {
    prepare(Path::new(""), path.as_ref(), breaks).write()
}

/// What changed between two contracts, or a lock and a contract; each path is relative to the current directory, and a
/// lock is known by its `.lock`. The report has every change, WIRE, SOURCE and LINT alike, and none if all is the same. What
/// follows from a change for those who talk to each other is its [`note`](Diagnostic::note).
///
/// # Errors
/// All mistakes in one of the two files.
///
/// ```
/// use mycelium_codegen::{Category, lock};
///
/// let path = std::env::temp_dir().join("mycelium-lock-diff-example.yaml");
/// let then = path.with_extension("then.yaml");
/// std::fs::write(&then, "messages: { Bar: { id: 1, fields: { close: u64 } } }")?;
/// std::fs::write(&path, "messages: { Bar: { id: 1, fields: { last: u64 } } }")?;
/// let changes = lock::diff(&then, &path).unwrap();
/// assert!(changes.diagnostics().iter().any(|change| change.code() == "MYC1203"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn diff(then: impl AsRef<Path>, now: impl AsRef<Path>) -> Result<Report, Report> {
    let base = Path::new("");
    let changes = compare_files((base, then.as_ref()), (base, now.as_ref()))?;
    let title = format!("from {} to {}", then.as_ref().display(), now.as_ref().display());
    Ok(changes.into_report(&title))
}

/// What becomes of each message between programs of two contracts, or of a lock and a contract, in each direction: what their
/// links agree on when they connect, and what goes wrong that no handshake sees. Paths are as for [`diff`].
///
/// # Errors
/// All mistakes in one of the two files.
///
/// ```
/// use mycelium_codegen::lock::{self, Delivery};
///
/// let path = std::env::temp_dir().join("mycelium-lock-exchanges-example.yaml");
/// let then = path.with_extension("then.yaml");
/// std::fs::write(&then, "schema: { name: m }\nmessages: { Bar: { id: 1, fields: {} } }")?;
/// std::fs::write(&path, "schema: { name: m }\nmessages: { Bar: { id: 1, fields: {} }, Halt: { id: 2, fields: {} } }")?;
/// let exchanges = lock::exchanges(&then, &path).unwrap();
/// assert_eq!(exchanges[0].new_to_old.handshake, Delivery::Flows);
/// assert_eq!((exchanges[1].id, exchanges[1].name.as_str()), (2, "Halt"));
/// assert_eq!(exchanges[1].old_to_new.handshake, Delivery::NotSent);
/// assert_eq!(exchanges[1].new_to_old.handshake, Delivery::NotAccepted);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn exchanges(then: impl AsRef<Path>, now: impl AsRef<Path>) -> Result<Vec<Exchange>, Report> {
    let base = Path::new("");
    Ok(compare_files((base, then.as_ref()), (base, now.as_ref()))?.exchanges)
}

/// Reads a lock; `None` after a report on what can't be read in it.
fn open(base: &Path, path: &Path, sources: &mut Sources, findings: &mut Findings) -> io::Result<Option<Snapshot>> {
    let mut text = String::new();
    let mut problem = None;
    match files::read_text(&base.join(path), MAX_BYTES) {
        Ok(read) => text = read,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            problem = Some(format!("the lock has more than {MAX_BYTES} bytes"));
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => problem = Some("the lock is not UTF-8".to_owned()),
        Err(error) => return Err(error),
    }
    let id = sources.add(Source::new(path.display().to_string(), text));
    if let Some(problem) = problem {
        findings.push(Finding::new(Code::BadLock, Span::start_of(id), problem).help(read::HELP));
        return Ok(None);
    }
    Ok(read::read(sources.get(id), id, findings))
}

/// What is known of the lock of a contract.
pub(crate) enum Lock {
    /// There is none yet.
    Missing,
    /// It can't be read; the findings say why.
    Unreadable,
    Read(Box<Snapshot>),
}

/// Reads the lock beside a contract.
pub(crate) fn beside(base: &Path, contract: &Path, sources: &mut Sources, findings: &mut Findings) -> Lock {
    let path = path_of(contract);
    match open(base, &path, sources, findings) {
        Ok(Some(snapshot)) => Lock::Read(Box::new(snapshot)),
        Ok(None) => Lock::Unreadable,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Lock::Missing,
        Err(error) => {
            findings.push(Finding::nowhere(Code::BadLock, format!("can't read {}: {error}", path.display())));
            Lock::Unreadable
        }
    }
}

/// Compares a contract with its lock, if there is one.
pub(crate) fn changes(then: &Lock, now: &Snapshot) -> Vec<Change> {
    match then {
        Lock::Missing | Lock::Unreadable => Vec::new(),
        Lock::Read(then) => evolution::compare(then, now).list,
    }
}
