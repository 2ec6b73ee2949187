//! Bringing a lock up to date: which breaks are accepted, and on which terms.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::snapshot::Snapshot;
use super::{Lock, Written, beside, changes, path_of, text_of};
use crate::code::{Category, Code};
use crate::compiled::Compiled;
use crate::diagnostic::{Finding, Findings};
use crate::evolution::{Change, Effect};
use crate::files;
use crate::report::{self, Diagnostic, Report};
use crate::source::Sources;
use crate::yaml::MAX_BYTES;

/// What stands for breaks of the schema as a whole.
const SCHEMA: &str = "schema";

/// A lock about to be written, or refused.
pub struct Update {
    /// The lock, as it is shown.
    pub path: PathBuf,
    full: PathBuf,
    sources: Sources,
    /// Why the lock is not to be written; empty if it is.
    refused: Vec<Finding>,
    /// What the new lock accepts.
    accepted: Vec<Finding>,
    text: String,
}

/// Compares a contract with its lock, and decides what may be written. `breaks` names messages, or `schema`, which stands for breaks
/// of the schema as a whole.
pub fn prepare(base: &Path, contract: &Path, breaks: &[&str]) -> Update {
    let mut compiled = Compiled::alone(base, contract);
    let path = path_of(contract);
    let mut update = Update {
        full: base.join(&path),
        path,
        sources: Sources::default(),
        refused: compiled.errors(contract),
        accepted: Vec::new(),
        text: String::new(),
    };
    if update.refused.is_empty() {
        let mut findings = Findings::default();
        let now = compiled.snapshot();
        let then = beside(base, contract, &mut compiled.sources, &mut findings);
        update.text = text_of(&now);
        update.decide(&then, &now, breaks);
        update.refused.extend(findings.into_sorted());
        // As `check` prints them.
        update.refused.sort_by_key(Finding::place);
        update.accepted.sort_by_key(Finding::place);
    }
    update.sources = compiled.sources;
    update
}

impl Update {
    fn decide(&mut self, then: &Lock, now: &Snapshot, breaks: &[&str]) {
        let breaks: HashSet<&str> = breaks.iter().copied().collect();
        self.unknown_breaks(then, now, &breaks);
        let changes = changes(then, now);
        let is_break = |change: &Change| change.finding.code.category() == Some(Category::Wire);
        let is_named = |change: &Change| match change.messages.as_slice() {
            [] => breaks.contains(SCHEMA),
            messages => messages.iter().all(|message| breaks.contains(message.as_str())),
        };
        // A break wants `min_compatible` raised, which is accepted with it.
        let is_raised_for_a_break = changes.iter().any(|change| is_break(change) && must_be_refused(change));
        let wants_version =
            changes.iter().any(|change| is_break(change) && is_named(change) && must_be_refused(change));
        let is_accepted = |change: &Change| {
            is_named(change) || is_raised_for_a_break && change.finding.code == Code::CompatibilityRaised
        };
        for change in changes {
            match is_break(&change) && !is_accepted(&change) {
                true => self.refused.push(with_way_out(change.finding, &change.messages, &breaks)),
                false if change.finding.code == Code::LockBehind => {}
                false => self.accepted.push(change.finding),
            }
        }
        if let Lock::Read(then) = then
            && wants_version
        {
            self.refused.extend(missing_version(then, now));
        }
    }

    fn unknown_breaks(&mut self, then: &Lock, now: &Snapshot, breaks: &HashSet<&str>) {
        let is_known = |name: &str| {
            let was_known = matches!(then, Lock::Read(then) if then.messages.contains_key(name));
            name == SCHEMA || was_known || now.messages.contains_key(name)
        };
        let mut unknown: Vec<&str> = breaks.iter().copied().filter(|name| !is_known(name)).collect();
        unknown.sort_unstable();
        for name in unknown {
            let message = format!("`--break {name}`: no message is or was called so");
            let help = crate::suggest::did_you_mean(name, now.messages.keys().map(String::as_str));
            self.refused.push(Finding::nowhere(Code::UnknownBreak, message).maybe_help(help));
        }
    }

    /// Whether the lock is not to be written.
    pub fn is_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Why the lock is not to be written; empty if it is.
    pub fn refused(&self) -> Vec<Diagnostic> {
        report::told(&self.sources, &self.refused)
    }

    /// What the new lock accepts.
    pub fn accepted(&self) -> Vec<Diagnostic> {
        report::told(&self.sources, &self.accepted)
    }

    /// What is refused and what is accepted, each at its place, with colours for a terminal; empty where there is neither.
    pub fn drawn(&self) -> String {
        report::styled(&self.sources, self.refused.iter().chain(&self.accepted))
    }

    /// True where the lock is not yet what it would be. Git may have given its lines the ends that Windows has.
    pub fn is_due(&self) -> bool {
        !files::read_text(&self.full, MAX_BYTES).is_ok_and(|present| present.lines().eq(self.text.lines()))
    }

    /// Writes the lock, unless something is refused or nothing changed.
    pub fn write(self) -> Result<Written, Report> {
        let title = format!("{} was not written", self.path.display());
        if self.is_refused() {
            return Err(Report::new(&title, &self.sources, &self.refused));
        }
        let changed = self.is_due();
        if changed && let Err(error) = files::write(&self.full, self.text.as_bytes()) {
            let message = format!("can't write {}: {error}", self.path.display());
            return Err(Report::new(&title, &self.sources, &[Finding::nowhere(Code::Unreadable, message)]));
        }
        let accepted = self.accepted();
        Ok(Written { path: self.path, changed, accepted })
    }
}

/// Whether programs of both versions must not connect after this break. They may where the handshake keeps the message alone
/// from the side that does not know it.
fn must_be_refused(change: &Change) -> bool {
    change.effect != Some(Effect::NotAccepted) && change.finding.code != Code::CompatibilityRaised
}

/// Adds what to type if the break is meant.
fn with_way_out(mut finding: Finding, messages: &[String], breaks: &HashSet<&str>) -> Finding {
    let missing = messages.iter().filter(|message| !breaks.contains(message.as_str()));
    let mut options: Vec<String> = missing.map(|message| format!("--break {message}")).collect();
    if messages.is_empty() {
        options.push(format!("--break {SCHEMA}"));
    }
    let way_out = format!("or break with older programs: `mycelium lock {}`", options.join(" "));
    finding.help = Some(match finding.help {
        Some(help) => format!("{help}; {way_out}"),
        None => way_out,
    });
    finding
}

/// A break must not pass for the version that it breaks with.
fn missing_version(then: &Snapshot, now: &Snapshot) -> Option<Finding> {
    let locked = then.version.value;
    if now.version.value > locked && now.min_compatible.value > locked {
        return None;
    }
    let next = locked.saturating_add(1);
    let (span, message, say) = if now.version.value > locked {
        let message = format!("a break with version {locked} wants `min_compatible` above it");
        (now.min_compatible.span, message, format!("`min_compatible: {next}`"))
    } else {
        let message = format!("a break with version {locked} wants a version of its own, and `min_compatible` with it");
        (now.version.span, message, format!("`schema: {{ version: {next}, min_compatible: {next} }}`"))
    };
    let finding = Finding::new(Code::BreakWithoutVersion, span, message).label("programs of the two would connect");
    let finding = finding.other(then.version.span, "the version that is locked");
    Some(finding.help(format!(
        "say {say}: a link that carries a message which both ends know is then refused to every program of version {locked} \
         and before"
    )))
}
