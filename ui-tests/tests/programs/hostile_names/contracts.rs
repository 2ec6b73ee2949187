//! Contracts in which every kind of declaration has hostile names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::names::skeleton;

/// The most names in one contract.
const MOST: usize = 160;

/// The bits of flags.
const MOST_BITS: usize = 64;

/// A kind of declaration, and the contract in which some names are declared as that.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    write: fn(&[String]) -> Contract,
    /// Which names: the more is generated for each, the fewer.
    pub(crate) names: Names,
}

/// Sets of names, each within the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Names {
    Few,
    Listed,
    All,
}

/// The entries of `types` and of `messages`.
#[derive(Default)]
struct Contract {
    types: String,
    messages: String,
}

/// What is beside the names: of every shape something.
const BESIDE: &str = r#"  WhatIsBeside:
    id: 60000
    fields:
      plain_field: { type: u32, deprecated: "use [another](field) or <that>" }
      text_field: { type: "str<=8", not_empty: true, default: x }
      list_field: { type: "[u16]<=3" }
      bytes_field: { type: "bytes<=8" }
      wide_field: { type: u128, min: 1, default: 1 }
      huge_field: { type: u256 }
      maybe_field: { type: u64, optional: true }
      rate_field: { type: f64, finite: true }
      bool_field: { type: bool }
      when_field: { type: timestamp_ns }
"#;

pub(crate) const KINDS: [Kind; 16] = [
    Kind { name: "message", write: messages, names: Names::Listed },
    Kind { name: "topic", write: topics, names: Names::Few },
    Kind { name: "field", write: |names| fields(names, 0), names: Names::All },
    Kind { name: "field_of_other_type", write: |names| fields(names, 1), names: Names::Listed },
    Kind { name: "structure", write: |names| types(names, "{ struct: { a: u64, b: bool } }"), names: Names::Listed },
    Kind {
        name: "structure_field",
        write: |names| within(names, "struct: {", "}", |name, _| format!("{name:?}: u16")),
        names: Names::Listed,
    },
    Kind {
        name: "enumeration",
        write: |names| types(names, "{ enum: u8, variants: { A: 0, B: 1 } }"),
        names: Names::Few,
    },
    Kind {
        name: "variant",
        write: |names| within(names, "enum: u16, variants: {", "}", |name, at| format!("{name:?}: {at}")),
        names: Names::All,
    },
    Kind {
        name: "open_variant",
        write: |names| within(names, "enum: u16, open: true, variants: {", "}", |name, at| format!("{name:?}: {at}")),
        names: Names::Listed,
    },
    Kind { name: "flags_type", write: |names| types(names, "{ flags: u8, bits: { A: 0, B: 1 } }"), names: Names::Few },
    Kind {
        name: "flag",
        write: |names| within(names, "flags: u64, bits: {", "}", |name, at| format!("{name:?}: {at}")),
        names: Names::Listed,
    },
    Kind {
        name: "oneof_type",
        write: |names| types(names, "{ oneof: { Left: { a: u32 }, Right: { b: u8 } } }"),
        names: Names::Few,
    },
    Kind {
        name: "oneof_variant",
        write: |names| within(names, "oneof: {", "}", |name, _| format!("{name:?}: {{ {name:?}: u32, b: bool }}")),
        names: Names::Listed,
    },
    Kind {
        name: "oneof_field",
        write: |names| within(names, "oneof: { Left: {}, Right: {", "} }", |name, _| format!("{name:?}: u32")),
        names: Names::All,
    },
    Kind { name: "newtype", write: |names| types(names, "{ newtype: u64 }"), names: Names::Listed },
    Kind { name: "decimal", write: |names| types(names, "{ decimal: { repr: i64, scale: 2 } }"), names: Names::Few },
];

impl Kind {
    /// The contracts with those of `built` that `check` takes, and the `names` that it refuses.
    pub(crate) fn contracts(
        &self,
        names: &BTreeSet<String>,
        built: &BTreeSet<String>,
        folder: &Path,
    ) -> (Vec<String>, Vec<String>) {
        let is_taken = |names: &[String]| {
            let path = folder.join("tried.yaml");
            fs::write(&path, self.yaml(names)).unwrap();
            mycelium_codegen::check(&path).is_ok()
        };
        let (taken, refused): (Vec<String>, Vec<String>) =
            names.iter().cloned().partition(|name| is_taken(std::slice::from_ref(name)));
        // Names that are one in another case each go into a group of their own.
        let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for name in taken.into_iter().filter(|name| built.contains(name)) {
            let nth = seen.entry(skeleton(&name)).or_default();
            groups.entry(*nth).or_default().push(name);
            *nth += 1;
        }
        let mut contracts = Vec::new();
        let mut left: Vec<Vec<String>> = groups
            .into_values()
            .flat_map(|group| {
                group
                    .chunks(if self.name == "flag" { MOST_BITS } else { MOST })
                    .map(<[String]>::to_vec)
                    .collect::<Vec<_>>()
            })
            .collect();
        while let Some(group) = left.pop() {
            if is_taken(&group) {
                contracts.push(self.yaml(&group));
            } else {
                // Two of them need the same, such as a list and its length.
                let half = group.len() / 2;
                assert!(half > 0, "a name that is taken alone");
                left.extend([group[..half].to_vec(), group[half..].to_vec()]);
            }
        }
        (contracts, refused)
    }

    fn yaml(&self, names: &[String]) -> String {
        let Contract { types, messages } = (self.write)(names);
        // A type may hide what the rest of the code means.
        let beside = if self.name.contains("field") || self.name.contains("variant") { "" } else { BESIDE };
        let types = if types.is_empty() { String::new() } else { format!("types:\n{types}") };
        format!("schema: {{ name: {:?}, version: 1 }}\n{types}messages:\n{messages}{beside}", names[0])
    }
}

fn messages(names: &[String]) -> Contract {
    const FIELDS: [&str; 4] = [
        "{ a: u32, b: u64 }",
        "{ text: { type: \"str<=8\", not_empty: true, default: x } }",
        "{}",
        "{ list: \"[u16]<=3\", maybe: { type: u64, optional: true }, old: { type: u32, deprecated: gone } }",
    ];
    let mut contract = Contract::default();
    for (at, name) in names.iter().enumerate() {
        let _ = writeln!(contract.messages, "  {name:?}: {{ id: {at}, fields: {} }}", FIELDS[at % 4]);
    }
    contract
}

fn topics(names: &[String]) -> Contract {
    let mut contract = Contract::default();
    for (at, name) in names.iter().enumerate() {
        let _ = writeln!(
            contract.messages,
            "  M{at}: {{ id: {at}, topic: {name:?}, doc: {name:?}, deprecated: {name:?}, fields: {{ a: {{ type: u8, doc: {name:?} }} }} }}"
        );
    }
    contract
}

/// As a field of some shape, which is another for each `turn`.
fn fields(names: &[String], turn: usize) -> Contract {
    const SHAPES: [&str; 10] = [
        "u32",
        "{ type: \"str<=8\" }",
        "{ type: \"[u16]<=3\" }",
        "{ type: u64, optional: true }",
        "u128",
        "{ type: u32, min: 1, default: 1, deprecated: gone }",
        "bool",
        "Side",
        "{ type: \"[Side]<=3\", optional: true }",
        "{ type: f32, sensitivity: secret }",
    ];
    let mut messages = "  HasThem:\n    id: 1\n    fields:\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        let _ = writeln!(messages, "      {name:?}: {}", SHAPES[(at + turn * 3) % SHAPES.len()]);
    }
    Contract { types: "  Side: { enum: u8, variants: { Buy: 0, Sell: 1 } }\n".to_owned(), messages }
}

/// As a type, which fields use that have its name.
fn types(names: &[String], body: &str) -> Contract {
    let mut contract = Contract::default();
    contract.messages.push_str("  HasThem:\n    id: 1\n    fields:\n");
    for (at, name) in names.iter().enumerate() {
        let _ = writeln!(contract.types, "  {name:?}: {body}");
        let field = match at % 3 {
            0 => format!("{{ type: {name:?} }}"),
            1 => format!("{{ type: {name:?}, optional: true }}"),
            _ => format!("{{ type: \"[{name}]<=2\" }}"),
        };
        let _ = writeln!(contract.messages, "      {name:?}: {field}");
    }
    contract.types.push_str("  HasThemToo: { struct: {");
    for name in names {
        let _ = write!(contract.types, "{name:?}: {name:?}, ");
    }
    contract.types.push_str("} }\n");
    contract.messages.push_str("      has_them_too: HasThemToo\n");
    contract
}

/// Within a type.
fn within(names: &[String], before: &str, after: &str, part: fn(&str, usize) -> String) -> Contract {
    let parts: Vec<String> = names.iter().enumerate().map(|(at, name)| part(name, at)).collect();
    Contract {
        types: format!("  HasThem: {{ {before} {} {after} }}\n", parts.join(", ")),
        messages: "  UsesIt: { id: 1, fields: { it: HasThem, many: \"[HasThem]<=2\" } }\n".to_owned(),
    }
}
