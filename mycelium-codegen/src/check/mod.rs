//! Declarations → the checked schema. The checker reports all mistakes, and keeps every declaration that has none.

mod collision;
mod declared;
mod field;
mod lint;
mod literal;
mod message;
mod placement;
mod recursion;
mod resolve;
mod rule;
mod size;
mod types;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::facts::Facts;
use crate::layout;
use crate::model::{Schema, TypeId};
use crate::parse::decl::{File, SchemaDecl};
pub(crate) use declared::Declared;
pub(crate) use lint::apply_levels;

/// Checks the declarations of all files. Returns the schema, and the declarations for callers that need their places: one for each
/// type and message of the schema. The last file is the root, and the others are its imports, in order.
pub(crate) fn check(files: Vec<File>, stem: &str, findings: &mut Findings) -> (Schema, Declared) {
    let schema = header(&files, stem, findings);
    let declared = Declared::merge(files, findings);
    let mut checker = Checker { schema, findings, names: HashMap::new() };
    checker.types(&declared.types);
    checker.messages(&declared);
    checker.collisions(&declared);
    let facts = Facts::of(&checker.schema);
    let layouts = checker.schema.messages.iter().map(|message| layout::lay_out(&facts, message)).collect::<Vec<_>>();
    checker.sizes(&declared, &layouts);
    checker.lints(&declared, &facts, &layouts);
    (checker.schema, declared)
}

/// The schema as far as it is checked, and the state of the check.
struct Checker<'a> {
    schema: Schema,
    findings: &'a mut Findings,
    /// Declared types by name.
    names: HashMap<String, TypeId>,
}

impl Checker<'_> {
    fn error(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// The section `schema` of the root file, with defaults for what is absent.
fn header(files: &[File], stem: &str, findings: &mut Findings) -> Schema {
    let (root, imported) = match files.split_last() {
        Some((root, imported)) => (root.schema.as_ref(), imported),
        None => (None, files),
    };
    // An unreadable version sets no limit, so that `since` is not a second error.
    let assumed = if root.is_some_and(|schema| schema.broken) { u16::MAX } else { 1 };
    let version = root.and_then(|schema| schema.version.as_ref()).map_or(assumed, |version| version.value);
    let least = root.and_then(|schema| schema.min_compatible.as_ref());
    if let Some(least) = least.filter(|least| least.value > version) {
        let message = format!("`min_compatible` is {}, but the version is {version}", least.value);
        let help = "lower it, or raise `version`";
        findings.push(Finding::new(Code::BadCompatibility, least.span, message).help(help));
    }
    let is_known = root.is_none_or(|schema| !schema.broken);
    for schema in imported.iter().filter_map(|file| file.schema.as_ref()).filter(|_| is_known) {
        imported_schema(schema, version, findings);
    }
    Schema {
        name: root
            .and_then(|schema| schema.name.as_ref())
            .map(|name| name.value.clone())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| stem.to_owned()),
        doc: message::schema_doc(files),
        version,
        min_compatible: least.map_or(1, |least| least.value).min(version),
        types: Vec::new(),
        messages: Vec::new(),
    }
}

fn imported_schema(schema: &SchemaDecl, version: u16, findings: &mut Findings) {
    if let Some(own) = schema.version.as_ref().filter(|own| own.value != version) {
        let message = format!("this version has no effect: the importing file has version {version}");
        let help = "set the same version, or remove it: `since` refers to the version of the file that is compiled";
        findings.push(Finding::new(Code::ImportedSchema, own.span, message).help(help));
    }
}
