//! Names in generated code.

use super::text::Writer;

/// Keywords of edition 2024 that are an identifier with `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that are no identifier at all.
const RESERVED: &[&str] = &["self", "Self", "super", "crate", "_"];

/// A name as an identifier: `type` becomes `r#type`.
pub(super) fn ident(name: &str) -> String {
    if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else if RESERVED.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// `wanted`, or `wanted_` and so on where that is taken.
pub(super) fn free_name(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    while is_taken(&name) {
        name.push('_');
    }
    name
}

/// What generated items are allowed: a contract that lives in a private module need not be used up, its names are the contract's,
/// and what the contract says nothing of has no doc: the compiler of contracts has a lint of its own for that, and a doc that only
/// repeats a name costs rustc as much as one that says something.
pub(super) const ALLOWED: &str = "#[allow(dead_code, missing_docs, nonstandard_style)]";

/// The attribute that keeps clippy quiet on a constructor with the name of its type, such as `New::new`.
pub(super) fn allow_same_name<'n>(w: &mut Writer, name: &str, constructors: impl IntoIterator<Item = &'n str>) {
    if constructors.into_iter().any(|constructor| constructor == name.to_lowercase()) {
        w.line("#[allow(clippy::self_named_constructors)]");
    }
}

/// The attribute that keeps clippy quiet on methods called like those of the standard library's traits, or like its
/// conversions: here they are called like the fields of a contract, and that is what readers look for.
pub(super) fn allow_conventions<'n>(w: &mut Writer, methods: impl IntoIterator<Item = &'n str> + Clone) {
    const CONVERSIONS: [&str; 5] = ["as_", "from_", "into_", "is_", "to_"];
    const METHODS: [&str; 31] = [
        "add",
        "as_mut",
        "as_ref",
        "bitand",
        "bitor",
        "bitxor",
        "borrow",
        "borrow_mut",
        "clone",
        "cmp",
        "default",
        "deref",
        "deref_mut",
        "div",
        "drop",
        "eq",
        "hash",
        "index",
        "index_mut",
        "into_iter",
        "len",
        "mul",
        "ne",
        "neg",
        "next",
        "not",
        "rem",
        "shl",
        "shr",
        "sub",
        "fmt",
    ];
    let clashes = |name: &str| METHODS.contains(&name) || CONVERSIONS.iter().any(|start| name.starts_with(start));
    if methods.clone().into_iter().any(|name| name == "new") {
        w.line("#[allow(clippy::new_ret_no_self)]");
    }
    if methods.into_iter().any(clashes) {
        w.line("#[allow(clippy::len_without_is_empty)]");
        w.line("#[allow(clippy::should_implement_trait, clippy::wrong_self_convention)]");
    }
}
