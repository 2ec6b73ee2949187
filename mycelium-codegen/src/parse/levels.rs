//! The section `lints:`: what becomes of each lint.

use super::decl::Level;
use super::reader::{Reader, shorten};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::FileId;
use crate::yaml::{Entry, Node};

impl Reader<'_> {
    /// `padding: allow` and the like, with the file that says so.
    pub(super) fn levels(&mut self, node: Node) -> Vec<(FileId, Code, Level)> {
        let mut levels = Vec::new();
        for Entry { key, value } in self.map_or_nothing(node, "`lints`").unwrap_or_default() {
            let Some((_, code)) = Code::LINTS.into_iter().find(|(name, _)| *name == key.value) else {
                let names = Code::LINTS.map(|(name, _)| name);
                self.unknown_name(&key, "`lints`", &names, &names);
                continue;
            };
            levels.extend(self.level(value).map(|level| (key.span.file, code, level)));
        }
        levels
    }

    fn level(&mut self, node: Node) -> Option<Level> {
        let span = node.span;
        let text = self.text(node, "the level of a lint")?;
        let level = match text.value.as_str() {
            "allow" => Some(Level::Allow),
            "warn" => Some(Level::Warn),
            "deny" => Some(Level::Deny),
            _ => None,
        };
        if level.is_none() {
            let message = format!("the level of a lint is `allow`, `warn` or `deny`, not `{}`", shorten(&text.value));
            self.findings.push(Finding::new(Code::WrongKind, span, message));
        }
        level
    }
}
