//! The comparison of two files, each a contract or a lock.

use std::path::Path;

use super::snapshot::Snapshot;
use super::{open, text_of};
use crate::code::Code;
use crate::compiled::Compiled;
use crate::diagnostic::{Finding, Findings};
use crate::evolution::{self, Change, Changes, Effect, Exchange};
use crate::report::{self, Diagnostic, Report};
use crate::source::Sources;

/// Changes between two files.
pub struct FileChanges {
    sources: Sources,
    /// In the order of the newer file.
    changes: Vec<Change>,
    /// What happens to each message, by id.
    pub exchanges: Vec<Exchange>,
    /// Whether both give the same lock.
    pub is_same: bool,
}

impl FileChanges {
    /// All changes under a title.
    pub(crate) fn into_report(self, title: &str) -> Report {
        let findings: Vec<Finding> = self.changes.into_iter().map(|change| change.finding).collect();
        Report::new(title, &self.sources, &findings)
    }

    /// Each change at its place, with colours for a terminal; empty if there are none.
    pub fn drawn(&self) -> String {
        report::styled(&self.sources, self.changes.iter().map(|change| &change.finding))
    }

    /// Each change, and how the handshake treats it if it is a WIRE break.
    pub fn changes(&self) -> Vec<(Diagnostic, Option<Effect>)> {
        let change = |change: &Change| (Diagnostic::new(&self.sources, &change.finding), change.effect);
        self.changes.iter().map(change).collect()
    }
}

/// Compares two files, each given by a folder and a path in it. Only the path is shown.
pub fn compare_files(then: (&Path, &Path), now: (&Path, &Path)) -> Result<FileChanges, Report> {
    let (snapshot_now, sources) = snapshot_of(now, Sources::default())?;
    let (snapshot_then, sources) = snapshot_of(then, sources)?;
    let is_same = text_of(&snapshot_then) == text_of(&snapshot_now);
    let Changes { mut list, exchanges } = evolution::compare(&snapshot_then, &snapshot_now);
    // Two files have no lock that could be behind.
    list.retain(|change| change.finding.code != Code::LockBehind);
    list.sort_by_key(|change| change.finding.place());
    Ok(FileChanges { sources, changes: list, exchanges, is_same })
}

fn snapshot_of((base, path): (&Path, &Path), mut sources: Sources) -> Result<(Snapshot, Sources), Report> {
    if path.extension().is_none_or(|ending| ending != "lock") {
        let compiled = Compiled::joined_to(base, path, sources);
        return match compiled.report(path) {
            Some(report) => Err(report),
            None => Ok((compiled.snapshot(), compiled.sources)),
        };
    }
    let mut findings = Findings::default();
    let snapshot = match open(base, path, &mut sources, &mut findings) {
        Ok(Some(snapshot)) => return Ok((snapshot, sources)),
        Ok(None) => None,
        Err(error) => Some(Finding::nowhere(Code::Unreadable, format!("can't read {}: {error}", path.display()))),
    };
    let findings: Vec<Finding> = findings.into_sorted().into_iter().chain(snapshot).collect();
    Err(Report::new(&format!("{} is not valid", path.display()), &sources, &findings))
}
