//! Which messages hold a type, however deep inside other types.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::lock::snapshot::Snapshot;

/// For each type, who names it.
pub(super) struct Usage<'a> {
    types: HashMap<&'a str, Vec<&'a str>>,
    messages: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Usage<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut usage = Self { types: HashMap::new(), messages: HashMap::new() };
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

    /// The messages that hold a type, by name.
    pub(super) fn messages(&self, ty: &'a str) -> Vec<&'a str> {
        let mut found = BTreeSet::new();
        let mut seen = HashSet::from([ty]);
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            found.extend(self.messages.get(ty).into_iter().flatten().copied());
            let owners = self.types.get(ty).into_iter().flatten().copied();
            pending.extend(owners.filter(|owner| seen.insert(owner)));
        }
        found.into_iter().collect()
    }
}

/// The words in a type expression: names of types, and a few that no type has.
fn names(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// A type expression with the names of types replaced by hashes of what they are: equal where the bytes are.
pub(super) fn structure(ty: &str, snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let mut rest = ty;
    while let Some(word) = names(rest).next() {
        // The word is a part of the rest, so it is found.
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
