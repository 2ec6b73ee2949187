//! The lock of a contract: what it promises to programs that exist. It lies beside the contract and is committed with it.
//!
//! The lock of `contracts.yaml` is `contracts.lock`, and that of `game.yaml` is `game.lock`. A lock is sorted text with one fact in each
//! line, so that its diff shows what changed on the wire. If a lock exists, every build and [`check`](crate::check) compare the contract
//! with it: a WIRE break is an error, and other changes are warnings. [`write()`] updates the lock, and refuses a WIRE break
//! unless it is named. [`diff`] and [`exchanges`] compare two contracts or locks without writing anything.

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

/// Returns the path of the lock of a contract file: beside it, with `.lock` instead of `.yaml`.
///
/// ```
/// use std::path::Path;
/// assert_eq!(mycelium_codegen::lock::path_of("trade/contracts.yaml"), Path::new("trade/contracts.lock"));
/// ```
pub fn path_of(contract: impl AsRef<Path>) -> PathBuf {
    contract.as_ref().with_extension("lock")
}

/// Returns the text that the lock of a contract would have. `path` is relative to the current directory.
///
/// # Errors
/// A report with all mistakes in the contract. The existing lock is not read.
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
    /// The path of the lock.
    pub path: PathBuf,
    /// Whether the lock was written; false if it was up to date.
    pub changed: bool,
    /// The changes that the new lock accepts: breaks that were named, and changes that break nothing.
    pub accepted: Vec<Diagnostic>,
}

/// Writes the lock of a contract file. `path` is relative to the current directory.
///
/// `breaks` are the messages whose WIRE breaks are accepted, by their names in the lock; `schema` accepts breaks that affect all
/// messages, such as another name of the schema. An accepted break needs a new `schema.version`, and a `min_compatible` above
/// the locked version, so that the programs that it breaks are refused when they connect.
///
/// # Errors
/// A report with all mistakes in the contract, every WIRE break that is not named, versions that are too low for an accepted break, or
/// why the lock can't be read or written. The lock then stays as it was.
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
/// assert_eq!(report.diagnostics()[0].message(), "the type of field `close` of `Bar` changed from `u64` to `u32`");
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

/// Compares two contracts or locks. Each path is relative to the current directory; a path that ends in `.lock` is a lock.
///
/// The report has every change, of all categories, and none if nothing changed. The [`note`](Diagnostic::note) of a change
/// tells which programs can still talk to each other.
///
/// # Errors
/// A report with all mistakes in one of the two files, or that it can't be read.
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

/// Returns what happens to each message between programs of two contracts or locks, in each direction: what their links decide when
/// they connect, and which breaks no handshake sees. Paths are as for [`diff`].
///
/// # Errors
/// A report with all mistakes in one of the two files, or that it can't be read.
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

/// Reads a lock. Returns `None` after reporting what can't be read.
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

/// The lock of a contract.
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
