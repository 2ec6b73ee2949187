//! Which messages use a type, directly or inside other types.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::lock::snapshot::Snapshot;

/// For each type, the types and messages that name it.
pub(crate) struct Usage<'a> {
    snapshot: &'a Snapshot,
    types: HashMap<&'a str, Vec<&'a str>>,
    messages: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Usage<'a> {
    pub(crate) fn of(snapshot: &'a Snapshot) -> Self {
        let mut usage = Self { snapshot, types: HashMap::new(), messages: HashMap::new() };
        for (owner, ty) in &snapshot.types {
            for name in ty.shape.types().into_iter().flat_map(names) {
                usage.types.entry(name).or_default().push(owner);
            }
        }
        for (owner, message) in &snapshot.messages {
            for name in message.fields.iter().flat_map(|field| names(&field.ty.value)) {
                usage.messages.entry(name).or_default().push(owner);
            }
        }
        usage
    }

    /// The messages that use a type, by name.
    pub(super) fn messages(&self, ty: &'a str) -> Vec<&'a str> {
        let found: BTreeSet<&str> =
            self.holders(ty).into_iter().filter_map(|ty| self.messages.get(ty)).flatten().copied().collect();
        found.into_iter().collect()
    }

    /// The messages in which the first variant of an enum fills an optional that is absent or a list that is not full.
    pub(crate) fn filled(&self, ty: &'a str) -> Vec<&'a str> {
        let holders = self.holders(ty);
        let is_filled = |message: &&'a str| {
            let fields = self.snapshot.messages.get(*message).map_or(&[][..], |message| &message.fields);
            let mut partial = fields.iter().filter(|field| field.optional || field.ty.value.contains("]<="));
            partial.any(|field| names(&field.ty.value).any(|name| holders.contains(name)))
        };
        self.messages(ty).into_iter().filter(is_filled).collect()
    }

    /// A type, and all types that contain it.
    fn holders(&self, ty: &'a str) -> HashSet<&'a str> {
        let mut seen = HashSet::from([ty]);
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            let owners = self.types.get(ty).into_iter().flatten().copied();
            pending.extend(owners.filter(|owner| seen.insert(owner)));
        }
        seen
    }
}

/// The words in a type expression: names of types, and a few others that are no names of declared types.
fn names(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// A type expression with hashes in place of the names of types: equal if the bytes are laid out alike.
pub(super) fn structure(ty: &str, snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let mut rest = ty;
    while let Some(word) = names(rest).next() {
        // The word comes from the rest, so it is found.
        let (before, after) = rest.split_once(word).unwrap_or(("", ""));
        text.push_str(before);
        match snapshot.types.get(word) {
            Some(ty) => text.push_str(&format!("{:016x}", ty.hash)),
            None => text.push_str(word),
        }
        rest = after;
    }
    text + rest
}
