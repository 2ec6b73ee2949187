//! What happens to each message between programs of two versions, as their links decide when they connect.
//!
//! This is the rule of `mycelium_rt::wire::compatible`, applied to snapshots. First, peers compare the names of their schemas, if both
//! send one. A message that only the sender knows is not accepted, and the other messages of the link flow. A message that both know
//! must agree, or every link that carries it is refused: the last layout of the older side must be one that the newer side still
//! reads, and its version must not be below the oldest of these. A test compares the two implementations on random contracts.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::lock::snapshot::{Layout, MessageFacts, Snapshot};

/// What happens to a message in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// The sender does not have it.
    NotSent,
    /// The receiver reads it.
    Flows,
    /// The receiver does not know it: the sender drops it and counts it as `not_accepted`, and other messages flow. An input with
    /// `unknown = refuse` refuses the link instead.
    NotAccepted,
    /// Every link that carries it is refused. If only the name of the schema differs, every link that sends the name is refused; a link
    /// or input with messages of several contracts sends none, and neither do those of a bus.
    Refused,
}

impl Delivery {
    /// The text in reports and JSON.
    ///
    /// ```
    /// assert_eq!(mycelium_codegen::lock::Delivery::NotAccepted.as_str(), "not accepted");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not sent",
            Self::Flows => "flows",
            Self::NotAccepted => "not accepted",
            Self::Refused => "refused",
        }
    }
}

/// One message, and what happens to it between an older program and a newer one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The id of the message.
    pub id: u16,
    /// Its name in the newer contract, or in the older one if the newer one has no such message.
    pub name: String,
    /// From an older program to a newer one.
    pub old_to_new: Way,
    /// From a newer program to an older one.
    pub new_to_old: Way,
}

/// One direction of an [`Exchange`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Way {
    /// What the handshake decides.
    pub handshake: Delivery,
    /// Codes of the breaks that the handshake does not see: the message is misread, or closes the connection.
    pub unseen: Vec<&'static str>,
}

impl Way {
    fn of(handshake: Delivery) -> Self {
        Self { handshake, unseen: Vec::new() }
    }
}

/// All messages of both sides by id, over links that send the name of their schema.
pub(super) fn exchanges(then: &Snapshot, now: &Snapshot) -> Vec<Exchange> {
    between(then, now, then.name.value == now.name.value)
}

/// The same, over links that don't send it.
pub(super) fn without_schema(then: &Snapshot, now: &Snapshot) -> Vec<Exchange> {
    between(then, now, true)
}

fn between(then: &Snapshot, now: &Snapshot, is_same_schema: bool) -> Vec<Exchange> {
    let old = by_id(then);
    let new = by_id(now);
    let mut ids: Vec<u16> = old.keys().chain(new.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let all = ids.into_iter().map(|id| {
        let (old, new) = (old.get(&id), new.get(&id));
        let agree = old.zip(new).map(|(old, new)| agree(&Entry::of(then, old.1), &Entry::of(now, new.1)));
        let delivery = |is_sent: bool| match (is_sent, agree) {
            (false, _) => Delivery::NotSent,
            _ if !is_same_schema => Delivery::Refused,
            (true, None) => Delivery::NotAccepted,
            (true, Some(true)) => Delivery::Flows,
            (true, Some(false)) => Delivery::Refused,
        };
        let name = new.or(old).map_or_else(String::new, |(name, _)| (*name).to_owned());
        let (old_to_new, new_to_old) = (Way::of(delivery(old.is_some())), Way::of(delivery(new.is_some())));
        Exchange { id, name, old_to_new, new_to_old }
    });
    all.collect()
}

fn by_id(snapshot: &Snapshot) -> BTreeMap<u16, (&str, &MessageFacts)> {
    snapshot.messages.iter().map(|(name, message)| (message.id.value, (name.as_str(), message))).collect()
}

/// A message as its program describes it in a handshake.
struct Entry<'a> {
    version: u16,
    /// The version of the oldest layout that is still read.
    oldest: u16,
    /// The layouts that are still read, oldest first.
    layouts: Vec<&'a Layout>,
}

impl<'a> Entry<'a> {
    fn of(snapshot: &Snapshot, message: &'a MessageFacts) -> Self {
        let (version, least) = (snapshot.version.value, snapshot.min_compatible.value);
        let in_force = message.layouts.iter().rposition(|layout| layout.value.version <= least).unwrap_or(0);
        let layouts: Vec<&Layout> = message.layouts.iter().skip(in_force).map(|layout| &layout.value).collect();
        let oldest = layouts.first().map_or(0, |layout| layout.version.max(least));
        Self { version, oldest, layouts }
    }

    fn age(&self) -> (u16, u16) {
        (self.version, self.layouts.last().map_or(0, |layout| layout.version.max(self.oldest)))
    }

    /// Whether this program and an older one read each other's messages.
    fn reads(&self, older: &Self) -> bool {
        let is_same = |layout: &&Layout, last: &Layout| (layout.size, layout.hash) == (last.size, last.hash);
        let last = older.layouts.last();
        let is_known = last.is_some_and(|last| self.layouts.iter().any(|layout| is_same(layout, last)));
        is_known && older.version >= self.oldest
    }
}

fn agree(a: &Entry<'_>, b: &Entry<'_>) -> bool {
    match a.age().cmp(&b.age()) {
        Ordering::Less => b.reads(a),
        Ordering::Equal => a.reads(b) && b.reads(a),
        Ordering::Greater => a.reads(b),
    }
}
