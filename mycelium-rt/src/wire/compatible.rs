//! Whether two ends are compatible, and which messages the receiver accepts.

use std::cmp::Ordering;

use super::handshake::{Hello, Role};
use super::info::MessageEntry;
use super::refusal::{Mismatch, Refusal, Stand};

/// Which messages of a link its receiver accepts: the result for two compatible handshakes.
///
/// A message that the receiver does not have is not accepted; all others are. See the example at [`compatible`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Each message of the sender, in the order of the ids, and whether it is accepted.
    messages: Box<[(u16, bool)]>,
}

impl Acceptance {
    /// Whether messages with this id are accepted. False for an id that the sender does not have.
    #[must_use]
    pub fn accepts(&self, id: u16) -> bool {
        let at = self.messages.binary_search_by_key(&id, |(id, _)| *id).ok();
        at.and_then(|at| self.messages.get(at)).is_some_and(|(_, accepted)| *accepted)
    }

    /// The ids of the accepted messages, ascending.
    pub fn accepted(&self) -> impl Iterator<Item = u16> + '_ {
        self.messages.iter().filter(|(_, accepted)| *accepted).map(|(id, _)| *id)
    }

    /// The ids of the sender's messages that are not accepted, ascending.
    pub fn not_accepted(&self) -> impl Iterator<Item = u16> + '_ {
        self.messages.iter().filter(|(_, accepted)| !*accepted).map(|(id, _)| *id)
    }
}

/// Checks that the receiver can read every message that both ends have, and returns which messages of the sender it accepts.
///
/// A message that the receiver does not have is not accepted, and does not prevent the connection. Of each message that both ends have, the
/// latest layout of the older end must be among those of the newer end, and its version must not be below the newer end's oldest compatible
/// one: then the newer end extends shorter bodies, and the older end reads the prefix of longer ones. A breaking change that leaves the layout
/// as it is, such as two fields that changed places, shows in the versions only. Both ends come to the same result, each from its own point
/// of view: `ours` is this end, in either direction. A schema without a name (of a link that carries messages of several schemas) is
/// compatible with any other.
///
/// # Errors
/// Why the two ends are incompatible: they have the same role, their schemas differ, or a message that both have is laid out differently.
///
/// ```
/// use mycelium_rt::MessageInfo;
/// use mycelium_rt::wire::{Hello, Older, Refusal, Role, compatible};
///
/// const OLD: MessageInfo =
///     MessageInfo { id: 1, name: "Bar", topic: "t", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xa)] };
/// const NEW: MessageInfo = MessageInfo { version: 2, layouts: &[(1, 8, 0xa), (2, 16, 0xb)], ..OLD };
/// const CUT: MessageInfo = MessageInfo { min_compatible: 2, ..NEW };
/// const HALT: MessageInfo = MessageInfo { id: 2, name: "Halt", ..OLD };
///
/// let sender = |infos: &[MessageInfo]| Hello::new(Role::Sender, "market", infos).unwrap();
/// let receiver = |infos: &[MessageInfo]| Hello::new(Role::Receiver, "market", infos).unwrap();
/// assert!(compatible(&sender(&[OLD]), &receiver(&[NEW])).is_ok());
/// assert!(compatible(&sender(&[NEW]), &receiver(&[OLD])).is_ok());
///
/// // A message that the receiver does not know does not stop the others.
/// let accepted = compatible(&sender(&[NEW, HALT]), &receiver(&[OLD])).unwrap();
/// assert_eq!((accepted.accepts(NEW.id), accepted.accepts(HALT.id)), (true, false));
///
/// match compatible(&sender(&[OLD]), &receiver(&[CUT])) {
///     Err(Refusal::Message(mismatch)) => assert_eq!((mismatch.older(), &*mismatch.name), (Older::Ours, "Bar")),
///     other => panic!("{other:?}"),
/// }
/// ```
pub fn compatible(ours: &Hello, theirs: &Hello) -> Result<Acceptance, Refusal> {
    if ours.role == theirs.role {
        return Err(Refusal::Role);
    }
    if ours.schema != theirs.schema && !ours.schema.is_empty() && !theirs.schema.is_empty() {
        return Err(Refusal::Schema { ours: ours.schema.clone(), theirs: theirs.schema.clone() });
    }
    let (sender, receiver) = if ours.role == Role::Sender { (ours, theirs) } else { (theirs, ours) };
    for message in &sender.messages {
        if let (Some(ours), Some(theirs)) = (ours.find(message.id), theirs.find(message.id)) {
            agree(ours, theirs)?;
        }
    }
    let messages = sender.messages.iter().map(|message| (message.id, receiver.find(message.id).is_some()));
    Ok(Acceptance { messages: messages.collect() })
}

/// Checks that both ends can read what the other writes of a message.
fn agree(ours: &MessageEntry, theirs: &MessageEntry) -> Result<(), Refusal> {
    let age = |entry: &MessageEntry| (entry.version, entry.current().version);
    let agreed = match age(ours).cmp(&age(theirs)) {
        Ordering::Less => reads(theirs, ours),
        Ordering::Equal => reads(ours, theirs) && reads(theirs, ours),
        Ordering::Greater => reads(ours, theirs),
    };
    if agreed {
        return Ok(());
    }
    let (id, name) = (ours.id, ours.name.clone());
    Err(Refusal::Message(Mismatch { id, name, ours: Some(Stand::of(ours)), theirs: Some(Stand::of(theirs)) }))
}

/// Whether the newer end reads what the older end writes, and the other way round.
fn reads(newer: &MessageEntry, older: &MessageEntry) -> bool {
    let last = older.current();
    let is_known = newer.layouts.iter().any(|layout| (layout.size, layout.hash) == (last.size, last.hash));
    is_known && newer.layouts.first().is_some_and(|oldest| older.version >= oldest.version)
}
