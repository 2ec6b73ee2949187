//! The sections around types and messages: `schema`, `reserved`, `lints`, and the older dialect's `tag_ranges`.

use std::ops::RangeInclusive;

use super::decl::{File, Level, SchemaDecl, TagRange};
use super::reader::{Reader, shorten};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::keys;
use crate::number::Integer;
use crate::source::{FileId, Spanned};
use crate::yaml::{Entry, Node};

impl Reader<'_> {
    pub(super) fn schema(&mut self, node: Node) -> Option<SchemaDecl> {
        let before = self.findings.errors();
        let mut schema = SchemaDecl { name: None, version: None, min_compatible: None, broken: false };
        for Entry { key, value } in self.map_or_nothing(node, "`schema`")? {
            match key.value.as_str() {
                "name" => {
                    let span = value.span;
                    schema.name = self.prose(value, "the schema's name").map(|name| Spanned::new(name, span));
                }
                "version" => schema.version = self.small(value, "the schema's version", 1),
                "min_compatible" => schema.min_compatible = self.small(value, "`min_compatible`", 1),
                // The older dialect numbers its schemas. The number has no effect.
                "id" => drop(self.integer(value, "the schema's id")),
                "digest_algo" => self.no_effect(&key),
                "description" | "doc" => drop(self.prose(value, "the schema's doc")),
                _ => self.unknown_key(&key, "`schema`", &keys::HEADER),
            }
        }
        schema.broken = self.findings.errors() > before;
        Some(schema)
    }

    pub(super) fn reserved(&mut self, node: Node, file: &mut File) {
        for Entry { key, value } in self.map_or_nothing(node, "`reserved`").unwrap_or_default() {
            match key.value.as_str() {
                "ids" => {
                    let items = self.list(value, "`reserved.ids`").unwrap_or_default();
                    file.reserved_ids =
                        items.into_iter().filter_map(|node| self.id_range(node, "a reserved id")).collect();
                }
                "names" => file.reserved_names = self.names(value, "`reserved.names`", "a reserved name"),
                _ => self.unknown_key(&key, "`reserved`", &keys::RESERVED),
            }
        }
    }

    pub(super) fn tag_ranges(&mut self, node: Node) -> Vec<TagRange> {
        let entries = self.map_or_nothing(node, "`tag_ranges`").unwrap_or_default();
        let ranges = entries
            .into_iter()
            .filter_map(|Entry { key, value }| Some(TagRange { ids: self.id_range(value, "a tag range")?, name: key }));
        ranges.collect()
    }

    /// Levels such as `padding: allow`, each with the file that sets it.
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
            let message =
                format!("the level of a lint must be `allow`, `warn` or `deny`, not `{}`", shorten(&text.value));
            self.findings.push(Finding::new(Code::WrongKind, span, message));
        }
        level
    }

    /// One id, or two with a dash between them.
    pub(super) fn id_range(&mut self, node: Node, what: &str) -> Option<Spanned<RangeInclusive<u16>>> {
        let text = self.text(node, what)?;
        let (first, last) = text.value.split_once('-').unwrap_or((&text.value, &text.value));
        let range = (id(first), id(last));
        let problem = match range {
            (Some(first), Some(last)) if first <= last => return Some(Spanned::new(first..=last, text.span)),
            (Some(_), Some(_)) => "its start is above its end",
            _ => "ids are whole numbers up to 65535",
        };
        let message = format!("`{}` is not a range of ids: {problem}", shorten(&text.value));
        let help = "write one id, such as `1002`, or two, such as `1100-1199`";
        self.findings.push(Finding::new(Code::BadRange, text.span, message).help(help));
        None
    }
}

/// A range of ids, if the text is one.
pub(super) fn id_range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(id(first)?..=id(last)?)
}

fn id(text: &str) -> Option<u16> {
    u16::try_from(Integer::parse(text.trim())?.to_i128()?).ok()
}
