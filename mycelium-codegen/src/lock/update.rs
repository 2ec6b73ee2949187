//! Updates of a lock: which breaks are accepted, and what they require.

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

/// The name for breaks that affect all messages.
const SCHEMA: &str = "schema";

/// A lock about to be written, or refused.
pub struct Update {
    /// The path of the lock, as it is shown.
    pub path: PathBuf,
    full: PathBuf,
    sources: Sources,
    /// Why the lock must not be written; empty if it may be.
    refused: Vec<Finding>,
    /// The changes that the new lock accepts.
    accepted: Vec<Finding>,
    text: String,
}

/// Compares a contract with its lock, and decides whether the lock may be written. `breaks` are names of messages, or `schema` for
/// breaks that affect all messages.
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
        // A break requires a higher `min_compatible`, which is accepted together with it.
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
            let message = format!("`--break {name}`: no message has or had this name");
            let help = crate::suggest::did_you_mean(name, now.messages.keys().map(String::as_str));
            self.refused.push(Finding::nowhere(Code::UnknownBreak, message).maybe_help(help));
        }
    }

    /// Whether the lock must not be written.
    pub fn is_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Why the lock must not be written; empty if it may be.
    pub fn refused(&self) -> Vec<Diagnostic> {
        report::diagnostics(&self.sources, &self.refused)
    }

    /// The changes that the new lock accepts.
    pub fn accepted(&self) -> Vec<Diagnostic> {
        report::diagnostics(&self.sources, &self.accepted)
    }

    /// What is refused and what is accepted, each at its place, with colours for a terminal; empty if there is neither.
    pub fn drawn(&self) -> String {
        report::styled(&self.sources, self.refused.iter().chain(&self.accepted))
    }

    /// Whether the lock differs from what would be written. Line endings don't count, since git may convert them.
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

/// Whether programs of both versions must not connect after this break. They may if the handshake only keeps a message from the side
/// that does not know it.
fn must_be_refused(change: &Change) -> bool {
    change.effect != Some(Effect::NotAccepted) && change.finding.code != Code::CompatibilityRaised
}

/// Adds the command that accepts the break to the help.
fn with_way_out(mut finding: Finding, messages: &[String], breaks: &HashSet<&str>) -> Finding {
    let missing = messages.iter().filter(|message| !breaks.contains(message.as_str()));
    let mut options: Vec<String> = missing.map(|message| format!("--break {message}")).collect();
    if messages.is_empty() {
        options.push(format!("--break {SCHEMA}"));
    }
    let way_out = format!("or accept the break: `mycelium lock {}`", options.join(" "));
    finding.help = Some(match finding.help {
        Some(help) => format!("{help}; {way_out}"),
        None => way_out,
    });
    finding
}

/// Reports a break that has the version number of the programs that it breaks with.
fn missing_version(then: &Snapshot, now: &Snapshot) -> Option<Finding> {
    let locked = then.version.value;
    if now.version.value > locked && now.min_compatible.value > locked {
        return None;
    }
    let next = locked.saturating_add(1);
    let (span, message, say) = if now.version.value > locked {
        let message = format!("a break with version {locked} needs a `min_compatible` above {locked}");
        (now.min_compatible.span, message, format!("`min_compatible: {next}`"))
    } else {
        let message = format!("a break with version {locked} needs a new version, and the same `min_compatible`");
        (now.version.span, message, format!("`schema: {{ version: {next}, min_compatible: {next} }}`"))
    };
    let finding =
        Finding::new(Code::BreakWithoutVersion, span, message).label("programs of both versions would connect");
    let finding = finding.other(then.version.span, "the locked version");
    Some(finding.help(format!(
        "set {say}: links with a message that both ends know are then refused for programs of version {locked} and before"
    )))
}
