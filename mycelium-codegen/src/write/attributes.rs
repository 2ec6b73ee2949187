//! The attributes of generated items: what they derive, and which lints they are exempt from.

use super::Context;
use super::text::Writer;
use crate::facts::TypeFacts;
use crate::prose;

impl Context<'_> {
    /// The attributes that make the bytes of a type readable. What makes it from bytes is not among them, unless asked for and no
    /// bytes can break a promise: a macro of the runtime does that, behind checks.
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

    /// The derives of a value type. Default is written out, since it is also the filler.
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

/// The attribute of something deprecated.
pub(super) fn deprecated(w: &mut Writer, reason: Option<&str>) {
    if let Some(reason) = reason {
        match prose::inline(reason).as_str() {
            "" => w.line("#[deprecated]"),
            reason => w.line(format_args!("#[deprecated = {reason:?}]")),
        }
    }
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
