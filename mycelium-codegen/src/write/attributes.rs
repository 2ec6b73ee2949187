//! The attributes of generated items: what they derive, and which lints they are exempt from.

use super::Context;
use super::text::Writer;
use crate::facts::TypeFacts;
use crate::prose;

impl Context<'_> {
    /// The derives of zerocopy. They convert a type to bytes. Those that convert it from bytes are only derived on request, and only if
    /// no bytes are invalid: for other types a macro of the runtime does it, with checks.
    pub(super) fn zerocopy(&self, w: &mut Writer, facts: TypeFacts) {
        let read = match facts {
            _ if !self.zerocopy || facts.has_content => "",
            TypeFacts { is_plain: true, .. } => "__rt::zerocopy::FromBytes, __rt::zerocopy::KnownLayout, ",
            _ => "__rt::zerocopy::TryFromBytes, __rt::zerocopy::KnownLayout, ",
        };
        w.line(format_args!("#[derive({read}__rt::IntoBytes, __rt::Immutable)]"));
        let path = self.runtime.trim_start_matches("::");
        w.line(format_args!("#[zerocopy(crate = \"{path}::__private::zerocopy\")]"));
    }

    /// The derives of a value type. `Default` is not among them, since it is written as the filler.
    pub(super) fn derives(&self, w: &mut Writer, facts: TypeFacts, debug: bool) {
        let mut derives = vec!["Clone", "Copy"];
        if debug {
            derives.push("Debug");
        }
        derives.push("PartialEq");
        if !facts.has_floats {
            derives.push("Eq");
        }
        if facts.is_ordered && !facts.has_floats {
            derives.extend(["PartialOrd", "Ord"]);
        }
        if !facts.has_floats {
            derives.push("Hash");
        }
        w.line(format_args!("#[derive({})]", derives.join(", ")));
    }
}

/// The attribute of a deprecated item.
pub(super) fn deprecated(w: &mut Writer, reason: Option<&str>) {
    if let Some(reason) = reason {
        match prose::inline(reason).as_str() {
            "" => w.line("#[deprecated]"),
            reason => w.line(format_args!("#[deprecated = {reason:?}]")),
        }
    }
}

/// The lints that generated items allow. A contract in a private module may have unused items, and its names are those of the contract. An
/// item without a doc in the contract has no doc comment: the schema compiler has a lint for that, and a doc that only repeats the name
/// costs rustc as much as a useful one.
pub(super) const ALLOWED: &str = "#[allow(dead_code, missing_docs, nonstandard_style)]";

/// Silences clippy for a constructor with the name of its type, such as `New::new`.
pub(super) fn allow_same_name<'n>(w: &mut Writer, name: &str, constructors: impl IntoIterator<Item = &'n str>) {
    if constructors.into_iter().any(|constructor| constructor == name.to_lowercase()) {
        w.line("#[allow(clippy::self_named_constructors)]");
    }
}

/// Silences clippy for methods that are named like those of the standard library's traits, or like its conversions. Their names are those
/// of the contract's fields, which readers look for.
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
