//! The sections around types and messages: `schema`, `reserved`, and the older dialect's `tag_ranges`.

use super::decl::{File, SchemaDecl, TagRange};
use super::reader::Reader;
use crate::keys;
use crate::source::Spanned;
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
                // The older dialect numbers its schemas; nothing depends on the number.
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
}
