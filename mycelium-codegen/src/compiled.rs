//! A contract file that was read, checked, and compared with its lock.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::check::{self, Declared};
use crate::code::{Category, Code, Severity};
use crate::diagnostic::{Finding, Findings};
use crate::load;
use crate::lock::{self, Lock, snapshot::Snapshot};
use crate::model::Schema;
use crate::report::{self, Diagnostic, Report};
use crate::source::{Sources, Span};

/// A compiled contract file: its schema and its findings.
pub struct Compiled {
    /// All valid declarations; complete if there are no errors.
    pub schema: Schema,
    declared: Declared,
    pub(crate) sources: Sources,
    /// Sorted by place.
    findings: Vec<Finding>,
    /// Every file that was read, or tried.
    pub paths: Vec<PathBuf>,
    /// Why the file could not be read.
    pub failure: Option<io::Error>,
}

impl Compiled {
    /// Reads `path`, relative to `base`, and compares it with its lock if it has one.
    pub fn read(base: &Path, path: &Path) -> Self {
        let mut compiled = Self::alone(base, path);
        if !compiled.has_errors() {
            compiled.compare(base, path);
        }
        compiled
    }

    /// Reads `path`, without its lock.
    pub fn alone(base: &Path, path: &Path) -> Self {
        Self::joined_to(base, path, Sources::default())
    }

    /// The same, and adds its files to `sources`.
    pub(crate) fn joined_to(base: &Path, path: &Path, sources: Sources) -> Self {
        let mut findings = Findings::default();
        let loaded = load::load(base, path, sources, &mut findings);
        let stem = path.file_stem().map_or_else(|| OsString::from("contracts"), OsString::from);
        let (schema, declared) = check::check(loaded.files, &stem.to_string_lossy(), &mut findings);
        let mut findings = findings.into_sorted();
        check::apply_levels(&declared, &mut findings);
        Self { schema, declared, sources: loaded.sources, findings, paths: loaded.paths, failure: loaded.failure }
    }

    fn compare(&mut self, base: &Path, path: &Path) {
        let mut findings = Findings::default();
        let then = lock::beside(base, path, &mut self.sources, &mut findings);
        // Cargo would run the build script at each build if it watched a file that does not exist.
        if !matches!(then, Lock::Missing) {
            self.paths.push(lock::path_of(path));
        }
        if let Lock::Read(then) = &then {
            self.forget_padding(then);
        }
        if let Lock::Read(_) = then {
            // One finding says that the lock is behind; only a comparison reports each addition.
            let changes = lock::changes(&then, &self.snapshot()).into_iter().map(|change| change.finding);
            changes.filter(|finding| !finding.code.is_growth()).for_each(|finding| findings.push(finding));
        }
        self.findings.extend(findings.into_sorted());
        self.findings.sort_by_key(Finding::place);
    }

    /// Removes lints about padding in locked declarations, whose order can't change any more.
    fn forget_padding(&mut self, then: &Snapshot) {
        let messages = self.declared.messages.iter().map(|decl| &decl.name);
        let messages = messages.filter(|name| then.messages.contains_key(&name.value));
        let types = self.declared.types.iter().map(|decl| &decl.name);
        let types = types.filter(|name| then.types.contains_key(&name.value));
        let locked: HashSet<Span> = messages.chain(types).map(|name| name.span).collect();
        let is_locked = |finding: &Finding| finding.place().is_some_and(|place| locked.contains(&place));
        self.findings.retain(|finding| finding.code != Code::Padding || !is_locked(finding));
    }

    /// The snapshot of a contract, which must have no errors.
    pub(crate) fn snapshot(&self) -> Snapshot {
        lock::take(&self.schema, &self.declared)
    }

    fn has_errors(&self) -> bool {
        self.failure.is_some() || self.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }

    /// Whether no message and no type could be read.
    pub(crate) fn knows_nothing(&self) -> bool {
        self.schema.messages.is_empty() && self.schema.types.is_empty()
    }

    /// The errors, as findings.
    pub(crate) fn errors(&self, path: &Path) -> Vec<Finding> {
        if let Some(error) = &self.failure {
            return vec![Finding::nowhere(Code::Unreadable, format!("can't read {}: {error}", path.display()))];
        }
        let errors = self.findings.iter().filter(|finding| finding.severity() == Severity::Error);
        errors.cloned().collect()
    }

    /// The report on the errors, if there are any.
    pub fn report(&self, path: &Path) -> Option<Report> {
        let errors = self.errors(path);
        let is_break = |finding: &Finding| finding.code.category() == Some(Category::Wire);
        let title = if !errors.is_empty() && errors.iter().all(is_break) {
            format!("{} breaks compatibility with {}", path.display(), lock::path_of(path).display())
        } else {
            format!("{} is not valid", path.display())
        };
        (!errors.is_empty()).then(|| Report::new(&title, &self.sources, &errors))
    }

    /// The findings of one severity, each at its place in the file, with colours; empty if there are none.
    pub fn drawn(&self, severity: Severity) -> String {
        let findings = self.findings.iter().filter(|finding| finding.severity() == severity);
        report::styled(&self.sources, findings)
    }

    /// All findings, by place.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        report::diagnostics(&self.sources, &self.findings)
    }

    /// The lints.
    pub(crate) fn lints(&self) -> Vec<Diagnostic> {
        let lints = self.findings.iter().filter(|finding| finding.severity() == Severity::Lint);
        lints.map(|finding| Diagnostic::new(&self.sources, finding)).collect()
    }
}
