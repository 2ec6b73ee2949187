//! What becomes of lints: `lints: { padding: allow }`.

use super::Declared;
use crate::code::Severity;
use crate::diagnostic::Finding;
use crate::parse::decl::Level;

/// Takes out the lints that are allowed, and marks those that are denied. The file that a finding is in has the first
/// word, then the file that was asked for.
pub(crate) fn apply(declared: &Declared, findings: &mut Vec<Finding>) {
    if declared.levels.is_empty() {
        return;
    }
    findings.retain_mut(|finding| {
        let level = level(declared, finding).filter(|_| finding.severity() == Severity::Lint);
        finding.denied = level == Some(Level::Deny);
        level != Some(Level::Allow)
    });
}

fn level(declared: &Declared, finding: &Finding) -> Option<Level> {
    let said_in = |wanted| {
        let mut said = declared.levels.iter().filter(|(file, code, _)| (*file, *code) == (wanted, finding.code));
        said.next().map(|(_, _, level)| *level)
    };
    finding.place().and_then(|span| said_in(span.file)).or_else(|| said_in(declared.root?))
}
