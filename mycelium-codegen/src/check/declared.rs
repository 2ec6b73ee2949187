//! The declarations of all files, merged: each name is valid, and declared once.

use std::collections::HashMap;

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::names;
use crate::parse::decl::{Domain, ExprKind, File, Level, MessageDecl, TagRange, TypeBody, TypeDecl};
use crate::source::{FileId, Span, Spanned};
use std::ops::RangeInclusive;

/// Items of the generated code.
const TAKEN: [&str; 4] = ["AnyMessage", "AllRouted", "Message", "MESSAGES"];

/// Why names with this prefix are refused.
pub(super) const KEPT: &str = "names that begin with `__` are reserved for generated code";

/// All declarations, in order, each name once.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) types: Vec<TypeDecl>,
    pub(crate) messages: Vec<MessageDecl>,
    pub(crate) reserved_ids: Vec<Spanned<RangeInclusive<u16>>>,
    pub(crate) reserved_names: HashMap<String, Span>,
    pub(crate) tag_ranges: Vec<TagRange>,
    pub(crate) domains: Vec<Domain>,
    /// The levels of lints: the file of a finding decides first, then the root file.
    pub(crate) levels: Vec<(FileId, Code, Level)>,
    /// The root file.
    pub(crate) root: Option<FileId>,
    /// The places of facts about the whole schema.
    pub(crate) places: Places,
}

/// Where facts about the whole schema are written; the start of the file for facts that are not written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Places {
    pub(crate) name: Span,
    pub(crate) version: Span,
    pub(crate) min_compatible: Span,
    /// The key `messages`, for findings about a message that was removed.
    pub(crate) messages: Span,
}

impl Default for Places {
    fn default() -> Self {
        let start = Span::start_of(FileId(0));
        Self { name: start, version: start, min_compatible: start, messages: start }
    }
}

impl Places {
    fn of(root: Option<&File>) -> Self {
        let Some((root, start)) = root.and_then(|root| Some((root, root.start?))) else { return Self::default() };
        let schema = root.schema.as_ref();
        let small = |value: Option<&Spanned<u16>>| value.map_or(start, |value| value.span);
        Self {
            name: schema.and_then(|schema| schema.name.as_ref()).map_or(start, |name| name.span),
            version: small(schema.and_then(|schema| schema.version.as_ref())),
            min_compatible: small(schema.and_then(|schema| schema.min_compatible.as_ref())),
            messages: root.messages_key.unwrap_or(start),
        }
    }
}

/// The names declared so far, and where.
type Given = HashMap<String, (Span, &'static str)>;

impl Declared {
    /// Merges the files. Reports declarations with unusable names, and leaves them out.
    pub(super) fn merge(files: Vec<File>, findings: &mut Findings) -> Self {
        let mut merged = Self { places: Places::of(files.last()), ..Self::default() };
        let mut given = Given::new();
        let has_messages = files.iter().any(|file| file.messages_key.is_some());
        if let Some(start) = files.last().and_then(|root| root.start).filter(|_| !has_messages) {
            let finding = Finding::new(Code::MissingKey, start, "the contract file has no `messages`");
            findings.push(finding.help("add `messages`, or `messages: {}` if there are none"));
        }
        for file in files {
            let types = file.types.into_iter().filter(|decl| !is_old_name_of_builtin(decl));
            merged.types.extend(types.filter(|decl| accept(&decl.name, "type", &mut given, findings)));
            merged
                .messages
                .extend(file.messages.into_iter().filter(|decl| accept(&decl.name, "message", &mut given, findings)));
            merged.reserved_ids.extend(file.reserved_ids);
            merged.reserved_names.extend(file.reserved_names.into_iter().map(|name| (name.value, name.span)));
            merged.tag_ranges.extend(file.tag_ranges);
            merged.domains.extend(file.domains);
            merged.levels.extend(file.levels);
            merged.root = file.start.map(|start| start.file);
        }
        merged
    }
}

/// Whether a declaration only gives a built-in type its own name, such as `U256: { rust_type: primitive_types::U256 }`.
fn is_old_name_of_builtin(decl: &TypeDecl) -> bool {
    let Some(TypeBody::RustType { expr, .. }) = &decl.body else { return false };
    let ExprKind::Name(name) = &expr.kind else { return false };
    match (super::resolve::builtin(name), super::resolve::builtin(&decl.name.value)) {
        (Some(meant), Some(called)) => meant == called,
        _ => name == "String" && decl.name.value == "String",
    }
}

/// Whether a declaration can have its name; reports why not.
fn accept(name: &Spanned<String>, what: &'static str, given: &mut Given, findings: &mut Findings) -> bool {
    if let Some(problem) = names::problem(&name.value) {
        findings.push(bad_name(name, what, problem));
        return false;
    }
    if let Some(owner) = taken_by(&name.value, what) {
        let message = format!("`{}` can't be the name of a {what}", name.value);
        findings.push(Finding::new(Code::TakenName, name.span, message).label(owner).help("choose another name"));
        return false;
    }
    if let Some((first, first_what)) = given.get(&name.value) {
        let message = format!("the name `{}` is declared twice", name.value);
        let finding = Finding::new(Code::DuplicateName, name.span, message)
            .label(format!("declared again here, as a {what}"))
            .other(*first, format!("first declared here, as a {first_what}"));
        findings.push(finding.help("types and messages share one namespace, imports included; rename one of the two"));
        return false;
    }
    given.insert(name.value.clone(), (name.span, what));
    true
}

/// Why a name is taken, if it is.
fn taken_by(name: &str, what: &str) -> Option<&'static str> {
    if TAKEN.contains(&name) {
        Some("the generated code has an item of this name")
    } else if what == "message" && name == "decode" {
        Some("a variant of this name would hide `AnyMessage::decode`")
    } else if name.starts_with("__") {
        Some(KEPT)
    } else {
        super::resolve::is_lowercase_builtin(name).then_some("this is a built-in type")
    }
}

/// The finding for a name that Rust can't take.
pub(super) fn bad_name(name: &Spanned<String>, what: &str, problem: &str) -> Finding {
    let shown = crate::parse::reader::shorten(&name.value);
    Finding::new(Code::BadName, name.span, format!("`{shown}` can't be the name of a {what}"))
        .label(problem)
        .help("names become Rust identifiers, such as `PoolState` or `close_price`")
}
